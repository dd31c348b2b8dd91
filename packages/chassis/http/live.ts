/** Server-sent events over a Fastify reply. */
import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import type { LiveEvent } from '../service.ts'

const HEARTBEAT_MS = 15_000

/** Writes events as they come, with a heartbeat, until the stream ends or the client is gone. */
export function sendLive(reply: FastifyReply, events: AsyncIterable<LiveEvent>): FastifyReply {
  const headers = reply.getHeaders()
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...(headers as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write(':\n\n')
  const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT_MS)
  const iterator = events[Symbol.asyncIterator]()
  raw.once('close', () => {
    clearInterval(heartbeat)
    void iterator.return?.()
  })
  void write(raw, iterator).finally(() => {
    clearInterval(heartbeat)
    raw.end()
  })
  return reply
}

async function write(raw: FastifyReply['raw'], iterator: AsyncIterator<LiveEvent>): Promise<void> {
  try {
    for (let next = await iterator.next(); !next.done && !raw.destroyed; next = await iterator.next()) {
      const { event, id, data } = next.value
      const fits = raw.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      if (!fits && !raw.destroyed) await Promise.race([once(raw, 'drain'), once(raw, 'close')])
    }
  } catch {
    // The client reconnects with Last-Event-ID; there is no status left to tell it.
  }
}
