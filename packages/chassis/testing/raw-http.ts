/** HTTP/1.1 as it goes over the wire, for tests that look at every byte of an answer. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: string
  /** Lines of the head as `name: value`, names in lower case, sorted; without what tells the time or is about the connection. */
  readonly headers: readonly string[]
  /** The body, put together again when it came in chunks. */
  readonly body: string
}

const PASSING = /^(?:date|connection|keep-alive):/
const ANSWER_MS_MAX = 10_000

/** Sends `head` (its last line without an end) and `body` as they are, asks for no more, and reads the answer to its end. */
export async function sendRaw(port: number, head: readonly string[], body: Buffer | string = ''): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\nConnection: close\r\n\r\n`, 'latin1'), Buffer.from(body)]))
  return readRaw(await whole(socket))
}

/** All that comes until the other side ends. */
export async function whole(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = []
  const late = setTimeout(() => socket.destroy(new Error('the answer took too long')), ANSWER_MS_MAX)
  for await (const part of socket) parts.push(part as Buffer)
  clearTimeout(late)
  return Buffer.concat(parts)
}

/** Takes an answer apart. Interim answers (100) are kept before the status. */
export function readRaw(bytes: Buffer): RawAnswer {
  let text = bytes.toString('latin1')
  let interim = ''
  while (text.startsWith('HTTP/1.1 1')) {
    const end = text.indexOf('\r\n\r\n') + 4
    interim += `${text.slice(9, 12)} `
    text = text.slice(end)
  }
  const split = text.indexOf('\r\n\r\n')
  const [status = '', ...lines] = text.slice(0, split).split('\r\n')
  const headers = lines
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':'))].join(''))
    .filter((line) => !PASSING.test(line))
    .sort()
  const rest = text.slice(split + 4)
  return { status: `${interim}${status}`, headers, body: headers.includes('transfer-encoding: chunked') ? unchunked(rest) : rest }
}

function unchunked(text: string): string {
  let body = ''
  let rest = text
  for (;;) {
    const line = rest.slice(0, rest.indexOf('\r\n'))
    const size = Number.parseInt(line, 16)
    if (!(size > 0)) return size === 0 ? body : `${body}<broken off>`
    body += rest.slice(line.length + 2, line.length + 2 + size)
    rest = rest.slice(line.length + 2 + size + 2)
  }
}
