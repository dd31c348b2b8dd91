import { expect, test } from 'vitest'
import { namesOfPath, pathsAbove } from './category-path.ts'
import { treeOf } from './category-tree.ts'
import { freeSlug, slugCandidates, slugOf } from './slug.ts'

test.each([
  ['Kaffeemühle „Größe 3“', 'kaffeemuhle-grosse-3'],
  ['Crème brûlée', 'creme-brulee'],
  ['Smørrebrød & Łódź', 'smorrebrod-lodz'],
  ['  --  ', 'product'],
  ['日本語', 'product'],
  ['a'.repeat(300), 'a'.repeat(80)],
])('%s has the address %s', (name, slug) => {
  expect(slugOf(name, 'product')).toBe(slug)
})

test('of the candidates the first free one is taken, or one that is the own', () => {
  const candidates = slugCandidates('lamp', '01a1fe5e-bc47-72ab-a2a8-48341b8fc666')
  expect(candidates).toEqual(['lamp', 'lamp-2', 'lamp-3', 'lamp-4', 'lamp-341b8fc666'])
  expect(
    freeSlug(
      candidates,
      new Map([
        ['lamp', 'other'],
        ['lamp-2', 'me'],
      ]),
      'me',
    ),
  ).toBe('lamp-2')
  expect(freeSlug(candidates, new Map(candidates.map((slug) => [slug, 'other'])), 'me')).toBe('lamp-341b8fc666')
  expect(slugCandidates('suggest', 'id')).not.toContain('suggest')
})

test('paths are names joined by ">", blank parts and great depth are none', () => {
  expect(namesOfPath(' Cameras >Digital  compact')).toEqual(['Cameras', 'Digital compact'])
  expect(namesOfPath('A >> B')).toBeUndefined()
  expect(namesOfPath(Array(9).fill('x').join('>'))).toBeUndefined()
  expect(namesOfPath('x'.repeat(301))).toBeUndefined()
  expect(pathsAbove('A > B > C')).toEqual(['A', 'A > B', 'A > B > C'])
})

test('the tree puts children below their parents in the order given', () => {
  const row = (id: string, parentId: string | null) => ({ id, slug: id, path: id, name: id, parentId })
  expect(treeOf([row('b', 'r'), row('r', null), row('a', 'r')])).toMatchObject([{ id: 'r', children: [{ id: 'b' }, { id: 'a' }] }])
})
