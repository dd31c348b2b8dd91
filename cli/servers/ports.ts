/** Ports of the servers: free when they are chosen, and the same after a restart. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'

/**
 * Below the range from which systems take the ports of outgoing connections (32768 and up on Linux): a port from that range may be in
 * use by somebody's connection when a server that was killed comes back.
 */
const PORT_MIN = 20_000
const PORT_MAX = 32_000
const TRIES_MAX = 200

/** Ports by their names, kept in `file`; `given` ones replace those that were kept. Throws: when one is taken. */
export async function keptPorts<Name extends string>(
  file: string,
  names: readonly Name[],
  given: Readonly<Partial<Record<Name, number>>> = {},
): Promise<Record<Name, number>> {
  const kept = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Partial<Record<Name, number>>
  const ports = { ...kept, ...given }
  for (const name of names) {
    const port = ports[name]
    if (port === undefined) ports[name] = await freePort(Object.values(ports))
    else await refuseTaken(name, port, given[name] === undefined ? file : undefined)
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, JSON.stringify(ports))
  return ports as Record<Name, number>
}

async function refuseTaken(name: string, port: number, file: string | undefined): Promise<void> {
  if (await isFree(port)) return
  const advice = file === undefined ? 'end the program that has it, or name another port' : `end the program that has it, or delete ${file}`
  throw new Error(`port ${port} of ${name} is taken: ${advice}`)
}

async function freePort(but: readonly unknown[]): Promise<number> {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN))
    if (!but.includes(port) && (await isFree(port))) return port
  }
  throw new Error(`no free port between ${PORT_MIN} and ${PORT_MAX}`)
}

/** Whether a server may listen there. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, host, () => server.close(() => done(true)))
  })
}
