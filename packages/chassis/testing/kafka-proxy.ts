/** A proxy in front of every broker of the tests. Brokers say their own addresses; the proxy writes its own over them. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { testBrokers } from './kafka.ts'

const HEAD_BYTES = 4

export class BrokerProxy {
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  /** Port of a broker → port of the proxy in front of it. */
  readonly #ports = new Map<number, number>()
  #state: 'well' | 'cut' | 'frozen' = 'well'
  /** How many connections a fault hit. */
  broken = 0

  static async open(): Promise<BrokerProxy> {
    const proxy = new BrokerProxy()
    for (const broker of testBrokers().brokers) {
      const [host, port] = broker.split(':') as [string, string]
      const server = createServer((socket) => proxy.#accept(socket, host, Number(port)))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      proxy.#servers.push(server)
      proxy.#ports.set(Number(port), (server.address() as AddressInfo).port)
    }
    return proxy
  }

  get brokers(): string[] {
    return [...this.#ports.values()].map((port) => `127.0.0.1:${port}`)
  }

  /** Breaks all connections and takes no new ones. */
  cut(): void {
    this.#state = 'cut'
    this.broken += this.#sockets.size
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Lets nothing through, and breaks nothing. */
  freeze(): void {
    this.#state = 'frozen'
    this.broken += this.#sockets.size
    for (const socket of this.#sockets) socket.pause()
  }

  heal(): void {
    this.#state = 'well'
    for (const socket of this.#sockets) socket.resume()
  }

  async close(): Promise<void> {
    this.cut()
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }

  #accept(client: Socket, host: string, port: number): void {
    if (this.#state === 'cut') return void client.destroy()
    const broker = connect(port, host)
    for (const socket of [client, broker]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        client.destroy()
        broker.destroy()
      })
    }
    client.on('data', (chunk) => broker.write(chunk))
    let rest = Buffer.alloc(0)
    broker.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readInt32BE(0)) {
        const frame = rest.subarray(0, HEAD_BYTES + rest.readInt32BE(0))
        rest = rest.subarray(frame.length)
        client.write(this.#rewritten(frame))
      }
    })
    if (this.#state === 'frozen') for (const socket of [client, broker]) socket.pause()
  }

  /** Answers carry a broker as a host with its length in front, then its port. */
  #rewritten(frame: Buffer): Buffer {
    const host = Buffer.from('\u000a127.0.0.1')
    for (let at = frame.indexOf(host); at !== -1; at = frame.indexOf(host, at + 1)) {
      const place = at + host.length
      const port = place + 4 <= frame.length ? this.#ports.get(frame.readInt32BE(place)) : undefined
      if (port !== undefined) frame.writeInt32BE(port, place)
    }
    return frame
  }
}
