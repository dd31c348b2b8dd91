/** Opens the search room in a process of its own, for whoever measures it from outside. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createClient, type Client } from '../client.ts'

export interface OpenedRoom {
  readonly pid: number
  readonly api: Client
  /** Takes events at `POST /`. */
  readonly events: Client
  close(): Promise<void>
}

/** Resolves when so many products are found. Throws: when the process ended before. */
export async function openSearchRoom(products: number, env: Readonly<Record<string, string>>): Promise<OpenedRoom> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'room.ts'), String(products)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const exited = new Promise<undefined>((done) => child.once('exit', () => done(undefined)))
  const line = await Promise.race([new Promise<string>((done) => createInterface({ input: child.stdout }).once('line', done)), exited])
  if (line === undefined) throw new Error('the search room ended before it was open')
  const ports = JSON.parse(line) as { api: number; events: number }
  const [api, events] = [createClient(`http://127.0.0.1:${ports.api}`), createClient(`http://127.0.0.1:${ports.events}`)]
  return {
    pid: child.pid as number,
    api,
    events,
    close: async () => {
      api.close()
      events.close()
      child.stdin.end()
      await exited
    },
  }
}
