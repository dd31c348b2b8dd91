import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

/** A process that writes by `Lines`; what it has to tell beside comes over IPC. */
function writer(script: string): ChildProcess {
  const lines = resolve(import.meta.dirname, 'lines.ts')
  const program = `import { Lines } from ${JSON.stringify(lines)}; const out = new Lines(1); ${script}`
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
}

async function readAll(child: ChildProcess): Promise<string> {
  const chunks: string[] = []
  for await (const chunk of child.stdout as NodeJS.ReadableStream) chunks.push(String(chunk))
  return chunks.join('')
}

const MANY = 100_000

test.each(['process.exit(3)', 'process.exitCode = 3; process.disconnect()'])(
  'when a process writes many lines at once and ends by %s, all of them arrive, in order',
  async (end) => {
    const child = writer(`for (let i = 0; i < ${MANY}; i++) out.write('line ' + i + '\\n'); ${end}`)
    const ended = once(child, 'exit')
    const said = await readAll(child)
    expect(await ended).toEqual([3, null])
    expect(said.split('\n').slice(0, -1)).toEqual(Array.from({ length: MANY }, (_, index) => `line ${index}`))
  },
)

test.each([true, false])(
  'when the reader is gone (which was noticed before: %s), the process goes on, and ends when it wants to',
  async (noticed) => {
    const child = writer(`
    process.on('message', () => { out.write('the last\\n'); process.exit(3) })
    setInterval(() => { if (${noticed}) out.write('line\\n'); process.send('alive') }, 5)`)
    await once(child, 'message')
    child.stdout?.destroy()
    const ended = once(child, 'exit')
    for (let heard = 0; heard < 20; heard++) await once(child, 'message')
    child.send('end')
    expect(await ended).toEqual([3, null])
  },
)

test('when the reader does not read, the process goes on, loses lines beyond a bound and says how many', async () => {
  const child = writer(`
    const line = 'x'.repeat(99_999) + '\\n'
    const doing = setInterval(() => { for (let i = 0; i < 10; i++) out.write(line); process.send(1) }, 1)
    process.on('message', () => { clearInterval(doing); process.disconnect() })`)
  // 25 MB: more than the pipe and what is kept hold together.
  for (let heard = 0; heard < 25; heard++) await once(child, 'message')
  child.send('end')
  await sleep(50)
  const ended = once(child, 'exit')
  const said = await readAll(child)
  expect(await ended).toEqual([0, null])
  const arrived = said.split('\n').filter((line) => line.startsWith('x'))
  expect(arrived.every((line) => line.length === 99_999)).toBe(true)
  expect(arrived.length).toBeGreaterThan(150)
  const { lines } = JSON.parse(said.split('\n').find((line) => line.startsWith('{')) ?? '{}') as { lines?: number }
  expect(lines).toBeGreaterThan(10)
})
