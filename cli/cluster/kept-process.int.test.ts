import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { freePort } from '../servers/ports.ts'
import { keepProcess, type KeptProcess } from './kept-process.ts'

/** Serves after a moment; ends well when asked, unless it is told otherwise. */
const SERVES = `
const server = require('node:http').createServer((request, response) => {
  if (request.url === '/die') process.kill(process.pid, 'SIGKILL')
  response.statusCode = request.url === '/health/serving' ? 200 : 404
  response.end('x'.repeat(100000))
})
setTimeout(() => server.listen(process.env.PORT, '127.0.0.1'), 50)
process.on('SIGTERM', () => { console.log('asked to end'); process.exit(0) })
process.on('disconnect', () => process.exit(1))
`

const kept: KeptProcess[] = []
afterEach(() => Promise.all(kept.splice(0).map((one) => one.stop())))

async function keep(script: string) {
  const port = await freePort('127.0.0.1')
  const states: string[] = []
  let output = ''
  const one = keepProcess({
    name: 'part-1',
    env: { ...process.env, PORT: String(port) },
    health: `http://127.0.0.1:${port}/health/serving`,
    onState: (name, state, about) => states.push(`${name} ${state} ${about.replace(/\d{2,}/, 'N')}`.trim()),
    onOutput: (chunk) => (output += chunk.toString()),
    command: ['-e', script],
  })
  kept.push(one)
  return { one, states, port, output: () => output }
}
const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a process that is killed is started again, and serves under its name and port', async () => {
  const { one, states } = await keep(SERVES)
  await one.ready
  const first = one.pid
  process.kill(first, 'SIGKILL')
  await expect.poll(() => [one.state, one.pid !== first], { timeout: 10_000 }).toEqual(['ready', true])
  expect(states).toEqual(['part-1 starting', 'part-1 ready process N', 'part-1 ended SIGKILL', 'part-1 starting', 'part-1 ready process N'])
})

test('a process that was stopped stays so, also when that comes while it starts or has just died', async () => {
  for (const when of ['ready', 'starting', 'dead']) {
    const { one } = await keep(SERVES)
    if (when !== 'starting') await one.ready
    if (when === 'dead') {
      process.kill(one.pid, 'SIGKILL')
      await expect.poll(() => one.state).toBe('ended')
    }
    const { pid } = one
    await one.stop()
    await sleep(400)
    expect([when, one.state, one.pid === pid, isRunning(pid)]).toEqual([when, 'ended', true, false])
    if (when === 'starting') await expect(one.ready).rejects.toThrow()
  }
})

test('one that does not start tells its last words, and is tried again less and less often', async () => {
  const { one, states } = await keep(`console.error('there is no room'); process.exit(3)`)
  await expect(one.ready).rejects.toThrow(/part-1 did not start \(code 3\):\nthere is no room/)
  await sleep(2500)
  const starts = states.filter((line) => line.endsWith('starting')).length
  expect(starts).toBeGreaterThan(1)
  expect(starts).toBeLessThan(6)
})

test('one that cannot even be run is told like one that ended', async () => {
  const one = keepProcess({
    name: 'part-2',
    env: { ...process.env, NODE_OPTIONS: '--no-such-option' },
    health: 'http://127.0.0.1:9/health/serving',
    onState: () => {},
    onOutput: () => {},
    command: ['-e', ''],
  })
  kept.push(one)
  await expect(one.ready).rejects.toThrow(/part-2 did not start/)
})
