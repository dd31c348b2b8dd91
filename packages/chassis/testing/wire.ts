/** A wire in front of a server, for tests that cut it, let nothing through, or break off what comes back. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

const host = '127.0.0.1'

/** From the client to the server, or from the server to the client. */
export type Way = 'there' | 'back'

export class Wire {
  readonly port: number
  readonly #target: number | string
  #server: Server
  readonly #ends = new Map<Socket, Socket>()
  #frozen: readonly Way[] = []
  #answerBytesMax = Number.POSITIVE_INFINITY

  private constructor(server: Server, target: number | string) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => this.#join(socket))
  }

  /** Opens a wire to a port of this machine, or to a socket in its files. */
  static async to(target: number | string): Promise<Wire> {
    return new Wire(await listening(0), target)
  }

  /** Connections that are open. */
  get open(): number {
    return this.#ends.size
  }

  /** Breaks all connections; new ones find nobody: the server is dead. */
  async cut(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done))
    for (const socket of this.#ends.keys()) socket.destroy()
    await closed
  }

  /** Takes connections again, at the same port. */
  async mend(): Promise<void> {
    this.#answerBytesMax = Number.POSITIVE_INFINITY
    this.#server = await listening(this.port)
    this.#server.on('connection', (socket) => this.#join(socket))
  }

  /** Takes connections and lets nothing through: the server has stopped. Or only in one direction; what was sent comes late. */
  freeze(ways: readonly Way[] = ['there', 'back']): void {
    this.#frozen = ways
    for (const [here, there] of this.#ends) {
      if (ways.includes('there')) here.pause()
      if (ways.includes('back')) there.pause()
    }
  }

  thaw(): void {
    this.#frozen = []
    for (const [here, there] of this.#ends) for (const socket of [here, there]) socket.resume()
  }

  /** Each connection breaks when so much came back on it. */
  breakAfter(answerBytesMax: number): void {
    this.#answerBytesMax = answerBytesMax
  }

  #join(here: Socket): void {
    const there = typeof this.#target === 'number' ? connect(this.#target, host) : connect(this.#target)
    this.#ends.set(here, there)
    const ways: readonly [from: Socket, to: Socket][] = [
      [here, there],
      [there, here],
    ]
    let answered = 0
    for (const [from, to] of ways) {
      if (this.#frozen.includes(from === here ? 'there' : 'back')) from.pause()
      from.on('data', (chunk: Buffer) => {
        const left = from === there ? Math.max(0, this.#answerBytesMax - answered) : chunk.length
        if (from === there) answered += chunk.length
        if (left > 0) to.write(chunk.subarray(0, left))
        if (left < chunk.length) to.end(() => to.destroy())
      })
      from.on('end', () => to.end())
      from.on('error', () => {})
      from.on('close', () => {
        to.destroy()
        this.#ends.delete(here)
      })
    }
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer()
  server.listen(port, host)
  await once(server, 'listening')
  return server
}
