/** What every keeper must hold to. */
import { newId } from '@stoa/kit/ids.ts'
import { expect, test } from 'vitest'
import { FORGOTTEN_MAX, SHOWN_MAX, VALUE_LENGTH_MAX, type Keeper, type Mark } from './keeper.ts'

const MS = 5000

/** A name or a thing that no other test uses. */
const any = newId

export async function markOf(keeper: Keeper, name: string): Promise<Mark> {
  const found = await keeper.find(name)
  if (!found || 'value' in found) throw new Error(`there is no mark for ${name}: ${JSON.stringify(found)}`)
  return found.mark
}

/** Two are given that share what they keep, as two processes do; where that cannot be, twice the same. */
export function keeperSuite(keepers: () => readonly [Keeper, Keeper]): void {
  test('what was kept is found by everybody, until something it shows is forgotten', async () => {
    const [one, other] = keepers()
    const [name, shown, alsoShown] = [any(), any(), any()]
    expect(await one.keep(name, 'a\n"ü"', { mark: await markOf(one, name), shows: [shown, alsoShown], ms: MS })).toBe(true)
    expect(await other.find(name)).toEqual({ value: 'a\n"ü"' })
    await other.forget([any()])
    expect(await one.find(name)).toEqual({ value: 'a\n"ü"' })
    await other.forget([alsoShown])
    expect(await one.find(name)).toHaveProperty('mark')
    expect(await other.find(name)).toHaveProperty('mark')
  })

  test('what was read before something it shows was forgotten is not kept, and does not replace what was read after it', async () => {
    const [one, other] = keepers()
    const [name, shown] = [any(), any()]
    const before = await markOf(one, name)
    await other.forget([shown])
    expect(await one.keep(name, 'old', { mark: before, shows: [shown], ms: MS })).toBe(false)
    expect(await one.keep(name, 'new', { mark: await markOf(other, name), shows: [shown], ms: MS })).toBe(true)
    expect(await one.keep(name, 'old', { mark: before, shows: [shown], ms: MS })).toBe(false)
    expect(await other.find(name)).toEqual({ value: 'new' })
  })

  test('a mark is another one after anything was forgotten, and only then', async () => {
    const [one, other] = keepers()
    const name = any()
    const mark = await markOf(one, name)
    expect(await markOf(other, name)).toEqual(mark)
    await other.forget([any()])
    expect(await markOf(one, name)).not.toEqual(mark)
  })

  boundsSuite(keepers)
}

function boundsSuite(keepers: () => readonly [Keeper, Keeper]): void {
  test('nothing is kept that shows nothing, shows too much or is too long', async () => {
    const [one] = keepers()
    const name = any()
    const keeping = { mark: await markOf(one, name), shows: [any()], ms: MS }
    const many = Array.from({ length: SHOWN_MAX + 1 }, any)
    expect(await one.keep(name, 'x', { ...keeping, shows: [] })).toBe(false)
    expect(await one.keep(name, 'x', { ...keeping, shows: many })).toBe(false)
    expect(await one.keep(name, 'x'.repeat(VALUE_LENGTH_MAX + 1), keeping)).toBe(false)
    expect(await one.keep(name, 'x'.repeat(VALUE_LENGTH_MAX), { ...keeping, shows: many.slice(1) })).toBe(true)
  })

  test('a name or a thing may be called anything', async () => {
    const [one] = keepers()
    for (const called of ['epoch', 'seq', '__proto__', '', 'a b\n', '{x}']) {
      const name = `${any()}${called}`
      await one.keep(name, 'x', { mark: await markOf(one, name), shows: [called], ms: MS })
      expect(await one.find(name)).toEqual({ value: 'x' })
      await one.forget([called])
      expect(await one.find(name)).toHaveProperty('mark')
    }
  })

  test('too much that is forgotten begins a new epoch: nothing is kept, no old mark counts, and then all goes on', async () => {
    const [one, other] = keepers()
    const [name, shown] = [any(), any()]
    const mark = await markOf(one, name)
    await one.keep(name, 'x', { mark, shows: [shown], ms: MS })
    for (let begun = 0; begun <= FORGOTTEN_MAX + 1000; begun += 1000) await other.forget(Array.from({ length: 1000 }, any))
    expect((await markOf(one, name)).epoch).not.toBe(mark.epoch)
    expect(await one.keep(name, 'old', { mark, shows: [shown], ms: MS })).toBe(false)
    expect(await one.keep(name, 'new', { mark: await markOf(one, name), shows: [shown], ms: MS })).toBe(true)
    expect(await other.find(name)).toEqual({ value: 'new' })
  })

  test('of very many things at once each is forgotten', async () => {
    const [one, other] = keepers()
    const names = Array.from({ length: 1500 }, any)
    for (const name of [names[0], names[1499]] as string[])
      await one.keep(name, 'x', { mark: await markOf(one, name), shows: [name], ms: MS })
    await other.forget(names)
    for (const name of [names[0], names[1499]] as string[]) expect(await one.find(name)).toHaveProperty('mark')
  })
}
