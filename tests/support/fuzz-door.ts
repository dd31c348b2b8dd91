/** Requests exactly as they are written, over node:http(s): nothing is tidied, escaped or followed on the way. */
import * as http from 'node:http'
import * as https from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface Sent {
  readonly method: string
  /** Path and query as they stand on the line. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export const ANSWER_SECONDS_MAX = 15
const STREAM_MS = 60
const kept = { keepAlive: true, maxSockets: 8 }
const agents = { 'http:': new http.Agent(kept), 'https:': new https.Agent(kept) }

/** Sends a request. A stream that does not end is left after its first words. Throws: when no answer comes in time. */
export function knock(origin: string, sent: Sent): Promise<Heard> {
  return new Promise((done, fail) => {
    const url = new URL(origin)
    const headers = { ...sent.headers, ...(sent.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(sent.body)) }) }
    const { request } = url.protocol === 'https:' ? https : http
    const agent = agents[url.protocol as keyof typeof agents]
    // The certificate is that of the shop, whatever a header says.
    const place = { host: url.hostname, port: url.port, servername: url.hostname, agent }
    const call = request({ ...place, method: sent.method, path: sent.target, headers }, (response) => {
      let text = ''
      const end = () => {
        clearTimeout(limit)
        done({ status: response.statusCode as number, headers: response.headers, text })
      }
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', end)
      response.on('error', fail)
      if (response.headers['content-type']?.startsWith('text/event-stream'))
        setTimeout(() => {
          response.removeAllListeners('error').on('error', () => undefined)
          response.destroy()
          end()
        }, STREAM_MS)
    })
    const limit = setTimeout(() => call.destroy(new Error(`no answer within ${ANSWER_SECONDS_MAX} s`)), ANSWER_SECONDS_MAX * 1000)
    call.on('error', (error) => {
      clearTimeout(limit)
      fail(error)
    })
    call.end(sent.body)
  })
}

/** Sends bytes as they are and hears what comes until the other side hangs up, or a second of silence. */
export function speak(origin: string, bytes: string | Buffer): Promise<Heard> {
  return new Promise((done, fail) => {
    const url = new URL(origin)
    const socket = connectTo(url, () => socket.write(bytes))
    let said = ''
    const end = () => {
      socket.destroy()
      done(heardIn(said))
    }
    socket.setTimeout(1000, end)
    socket.on('data', (chunk) => (said += chunk.toString()))
    socket.on('end', end)
    socket.on('error', (error) => (said ? end() : fail(error)))
  })
}

function connectTo(url: URL, connected: () => void): Socket {
  const place = { host: url.hostname, port: Number(url.port) }
  return url.protocol === 'https:' ? connectTls({ ...place, servername: url.hostname }, connected) : connect(place, connected)
}

function heardIn(said: string): Heard {
  const [head = '', ...rest] = said.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])
  return { status: Number(first.split(' ')[1] ?? 0), headers: Object.fromEntries(headers), text: rest.join('\r\n\r\n') }
}
