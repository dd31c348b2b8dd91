/** Ports of the servers: free when they are chosen, and the same after a restart. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'

/**
 * Below the range from which systems take the ports of outgoing connections (32768 and up on Linux): a port from that range may be in
 * use by somebody's connection when a server that was killed comes back.
 */
const PORT_MIN = 20_000
const PORT_MAX = 32_000
const TRIES_MAX = 200
/** Ports are held in blocks of so many: whoever listens on the first of a block has all of it. */
const BLOCK = 100

/**
 * Ports that nobody else takes as long as they are held, also while nobody listens on them: a shop of many processes has spare places, where
 * a process of another one on this machine must never answer.
 */
export class HeldPorts {
  readonly #holders: Server[] = []
  readonly #but: readonly number[]
  #left: number[] = []

  /** None of `but` is among them: somebody is going to listen there. */
  constructor(but: readonly number[] = []) {
    this.#but = but
  }

  /** Another one, on which nobody listens now. Throws: when there is none. */
  async next(): Promise<number> {
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      if (this.#left.length === 0) this.#left = await this.#holdBlock()
      const port = this.#left.shift()
      if (port !== undefined && !this.#but.includes(port) && (await whyTaken(port, '127.0.0.1')) === undefined) return port
    }
    throw new Error(`no free port between ${PORT_MIN} and ${PORT_MAX}`)
  }

  /** Lets go of all of them. */
  async release(): Promise<void> {
    await Promise.all(this.#holders.splice(0).map((one) => new Promise((done) => one.close(done))))
  }

  /** All ports of a block but the first, in order; none when the one that was tried is somebody's. */
  async #holdBlock(): Promise<number[]> {
    const first = PORT_MIN + BLOCK * Math.floor((Math.random() * (PORT_MAX - PORT_MIN)) / BLOCK)
    const holder = await listen(first, '127.0.0.1')
    if (typeof holder === 'string') return []
    holder.on('connection', (socket) => socket.destroy()).unref()
    this.#holders.push(holder)
    return Array.from({ length: BLOCK - 1 }, (_, index) => first + 1 + index)
  }
}

/**
 * The ports of `names`, in their order. They are kept in `file`, so that clients find the servers after a restart; `given` ones replace
 * those that were kept.
 */
export async function keptPorts(file: string, names: readonly string[], given: Readonly<Record<string, number>> = {}): Promise<number[]> {
  const kept = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Record<string, number>
  const ports: Record<string, number> = { ...kept, ...given }
  for (const name of names) ports[name] ??= await freePort('127.0.0.1', Object.values(ports))
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, JSON.stringify(ports))
  renameSync(`${file}.new`, file)
  return names.map((name) => ports[name] as number)
}

/** The one port of a server that has a folder for itself: the given one, else the one it had. `file` keeps it, unless it was given. */
export async function keptPort(
  folder: string,
  name: string,
  given: number | undefined,
): Promise<{ port: number; file: string | undefined }> {
  const file = join(folder, 'ports.json')
  const [port] = await keptPorts(file, [name], given === undefined ? {} : { [name]: given })
  return { port: port as number, file: given === undefined ? file : undefined }
}

/** What this process was told is free is soon taken by whom it starts. */
const told = new Set<number>()

/** Whoever asks for a free port is not told this one: something that starts later is going to listen there. */
export function setAside(port: number): void {
  told.add(port)
}

/** A port that nobody listens on now or holds, and none of `but`. Throws: when there is none. */
export async function freePort(host: string, but: readonly number[] = []): Promise<number> {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN))
    if (told.has(port) || but.includes(port)) continue
    told.add(port)
    if (!(await isHeld(port)) && (await whyTaken(port, host)) === undefined) return port
  }
  throw new Error(`no free port between ${PORT_MIN} and ${PORT_MAX}`)
}

/** Throws: when the server `name` cannot listen there, naming what to do. `file`: where the port is kept. */
export async function assertFree(name: string, port: number, host = '127.0.0.1', file?: string): Promise<void> {
  const why = await whyTaken(port, host)
  if (why === undefined) return
  if (why !== 'EADDRINUSE') throw new Error(`${name} cannot listen on ${host} port ${port}: ${why}`)
  const advice = file === undefined ? 'name another port' : `delete ${file}, for other ports`
  throw new Error(`port ${port} of ${name} is taken: end the program that has it, or ${advice}`)
}

function isHeld(port: number): Promise<boolean> {
  return whyTaken(port - (port % BLOCK), '127.0.0.1').then((why) => why !== undefined)
}

/** What the system has against listening there; undefined when nothing. */
async function whyTaken(port: number, host: string): Promise<string | undefined> {
  const server = await listen(port, host)
  if (typeof server === 'string') return server
  await new Promise((done) => server.close(done))
  return undefined
}

/** Listens there, or answers what the system has against it. */
function listen(port: number, host: string): Promise<Server | string> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    server.listen(port, host, () => done(server))
  })
}
