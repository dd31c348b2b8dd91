import { expect, test } from 'vitest'
import { houseOf } from './house.ts'
import { judge } from './judge.ts'
import { noConsole } from './rules/text.ts'

const house = (text: string) => houseOf(new Map([['services/orders/routes.ts', text]]))
/** In two halves, so that this file does not look like an exception itself. */
const allow = `tidy-${'allow'}`
const place = 'services/orders/routes.ts'

test('when a rule is broken, prints file, line, rule and what to do', () => {
  expect(judge(house('\nconsole.log(1)'), [noConsole])).toEqual([`${place}:2 no-console use the log of the context, not console`])
})

test('when an exception gives its reason on the line above, the finding is left out', () => {
  expect(judge(house('// tidy-allow no-console: there is no context yet\nconsole.log(1)'), [noConsole])).toEqual([])
})

test('when an exception gives no reason, it is a finding of its own', () => {
  expect(judge(house(`// ${allow} no-console\nconsole.log(1)`), [noConsole]).map((line) => line.split(' ')[0])).toEqual([
    `${place}:1`,
    `${place}:2`,
  ])
})

test('when an exception names another rule, the finding stays', () => {
  expect(judge(house('// tidy-allow no-barrel: reason\nconsole.log(1)'), [noConsole])).toHaveLength(1)
})
