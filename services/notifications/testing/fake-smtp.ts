/** A mail server that misbehaves as it is told, and remembers every message whose body it got whole. */
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** `accept` · the reply to a step · `close-…` breaks the connection there. */
export type Manner =
  | 'accept'
  | 'greet-421'
  | 'rcpt-450'
  | 'rcpt-550'
  | 'body-451'
  | 'body-554'
  | 'close-before-body'
  | 'close-after-body'
  | 'accept-then-close'

export interface FakeSmtp {
  readonly url: string
  /** What happens to the next messages, in turn; the last manner stays. */
  behave(...manners: Manner[]): void
  /** Bodies that arrived whole, in order, acknowledged or not. */
  readonly bodies: string[]
  readonly connections: () => number
  close(): Promise<void>
}

export async function startFakeSmtp(): Promise<FakeSmtp> {
  let manners: Manner[] = ['accept']
  let connections = 0
  const bodies: string[] = []
  const open = new Set<Socket>()
  const next = () => (manners.length > 1 ? (manners.shift() as Manner) : (manners[0] as Manner))
  const server = createServer((socket) => {
    connections++
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => {})
    serve(socket, next, bodies, () => manners[0] === 'greet-421')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behave: (...wanted) => {
      manners = wanted
    },
    bodies,
    connections: () => connections,
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function serve(socket: Socket, next: () => Manner, bodies: string[], refusesGreeting: () => boolean): void {
  const say = (line: string) => socket.write(`${line}\r\n`)
  if (refusesGreeting()) {
    next()
    socket.end('421 come back later\r\n')
    return
  }
  say('220 fake')
  let manner: Manner = 'accept'
  let body: string | undefined
  let rest = ''
  const command = (line: string) => {
    if (/^EHLO|^HELO/.test(line)) return say('250 fake')
    if (line.startsWith('MAIL')) {
      manner = next()
      return say('250 ok')
    }
    if (line.startsWith('RCPT'))
      return say(manner === 'rcpt-450' ? '450 mailbox busy' : manner === 'rcpt-550' ? '550 no such mailbox' : '250 ok')
    if (line.startsWith('DATA')) {
      if (manner === 'close-before-body') return socket.destroy()
      body = ''
      return say('354 go on')
    }
    if (line.startsWith('QUIT')) return socket.end('221 bye\r\n')
    return say('250 ok')
  }
  const endOfBody = () => {
    bodies.push(body ?? '')
    body = undefined
    if (manner === 'close-after-body') return socket.destroy()
    if (manner === 'body-451') return say('451 not now')
    if (manner === 'body-554') return say('554 never')
    if (manner === 'accept-then-close') return socket.end('250 taken\r\n')
    return say('250 taken')
  }
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1')
    for (let at = rest.indexOf('\r\n'); at >= 0; at = rest.indexOf('\r\n')) {
      const line = rest.slice(0, at)
      rest = rest.slice(at + 2)
      if (body === undefined) command(line)
      else if (line === '.') endOfBody()
      else body += `${line}\n`
    }
  })
}
