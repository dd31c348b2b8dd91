import { expect, test } from 'vitest'
import { runAll, type StepResult } from './check.ts'

const node = (name: string, code: string) => ({ name, command: ['node', '-e', code] })

test('when a step ends with an error, its output is kept and the others still run', async () => {
  const seen: StepResult[] = []
  const list = [node('bad', 'console.log("why"); process.exit(3)'), node('good', ''), node('late', '')]
  await runAll(list, (result) => seen.push(result))
  expect(seen.map(({ name, ok }) => ({ name, ok })).sort((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: 'bad', ok: false },
    { name: 'good', ok: true },
    { name: 'late', ok: true },
  ])
  expect(seen.find((result) => result.name === 'bad')?.output).toContain('why')
})

test('when a program is not there, the step fails and says so', async () => {
  const [result] = await runAll([{ name: 'absent', command: ['no-such-program'] }], () => {})
  expect(result?.ok).toBe(false)
  expect(result?.output).toContain('no-such-program')
})
