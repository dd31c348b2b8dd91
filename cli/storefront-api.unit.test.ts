import { setTimeout as sleep } from 'node:timers/promises'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { sendLive } from '@stoa/chassis/http/live.ts'
import type { House } from '@stoa/chassis/runtime/house.ts'
import { apiInMemory } from './storefront-api.ts'

/** A server that tells `count` for ever, and what became of its telling. */
function counting() {
  const told = { ended: false }
  async function* count() {
    try {
      for (let n = 0; ; n++) {
        yield { event: 'count', data: { n } }
        await sleep(5)
      }
    } finally {
      told.ended = true
    }
  }
  const server = fastify()
  server.get('/api/count', (_request, reply) => sendLive(reply, count()))
  server.get('/api/plain', async () => ({ plain: true }))
  return { told, api: apiInMemory({ server } as unknown as House) }
}

const headers = { accept: 'text/event-stream' }

describe('the API in memory', () => {
  test('hands events on while they come, and ends the telling when the listener hangs up', async () => {
    const { told, api } = counting()
    const answer = await api('/api/count', { method: 'GET', headers })
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    let text = ''
    for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
      text += new TextDecoder().decode(chunk)
      if (text.includes('"n":2')) break
    }
    expect(text).toContain('"n":1')
    await expect.poll(() => told.ended).toBe(true)
  })

  test('ends the telling when the visitor is gone', async () => {
    const { told, api } = counting()
    const gone = new AbortController()
    const answer = await api('/api/count', { method: 'GET', headers, signal: gone.signal })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    gone.abort()
    await expect.poll(() => told.ended).toBe(true)
  })

  test('answers what is no stream whole', async () => {
    const answer = await counting().api('/api/plain', { method: 'GET', headers: { accept: 'application/json' } })
    expect([answer.status, await answer.json()]).toEqual([200, { plain: true }])
  })
})
