/** Inventory alone behind a loopback HTTP door of the bench: `POST /reserve` is its `ReserveStock`, on a database that really syncs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startEmbedded } from '@stoa/chassis/database/embedded.ts'
import { provision } from '@stoa/chassis/database/provision.ts'
import { openHouse, type House } from '@stoa/chassis/runtime/house.ts'
import { createLog } from '@stoa/chassis/telemetry/log.ts'
import { bare } from '@stoa/chassis/testing/bare.ts'
import { OpenStock, ReserveStock } from '@stoa/contracts/inventory.ts'
import { newId } from '@stoa/kit/ids.ts'
import inventory from '../services/inventory/service.ts'

const SKU = 'BENCH-HOT'
/** As many as the shop gives this room (cli/run.ts). */
const CONNECTIONS = 6
const migrations = resolve(import.meta.dirname, '../services/inventory/migrations')

const dataDir = mkdtempSync(join(tmpdir(), 'stoa-bench-'))
const server = await startEmbedded({ dataDir })
const house = await openHouse({
  ...bare(),
  services: [{ definition: inventory, connection: await provision(server, 'inventory', migrations), connectionsMax: CONNECTIONS }],
  log: createLog({ level: 'error', destination: process.stderr }),
})
await house.start()
await house.call(OpenStock, { items: [{ sku: SKU, productId: newId(), units: 1_000_000_000 }] })
const door = createServer((request, response) => void answer(house, request, response))
door.keepAliveTimeout = 60_000
door.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: (door.address() as AddressInfo).port, sku: SKU })}\n`))
// Whoever started this ended, or wants it to end.
process.stdin.on('end', () => void end()).resume()
process.once('SIGTERM', () => void end())

async function answer(rooms: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  try {
    const outcome = await rooms.call(ReserveStock, JSON.parse(Buffer.concat(chunks).toString()))
    const status = 'refused' in outcome ? 409 : 200
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(outcome))
  } catch (error) {
    response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify({ message: (error as Error).message }))
  }
}

let ending = false
async function end(): Promise<void> {
  if (ending) return
  ending = true
  door.closeAllConnections()
  await house.stop()
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
  process.exit(0)
}
