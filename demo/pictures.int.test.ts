import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { demoPictures, renderPictures } from './pictures.ts'

const directory = mkdtempSync(join(tmpdir(), 'demo-pictures-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

it('writes every picture once, and leaves them alone the next time', () => {
  renderPictures(directory)
  const pictures = demoPictures()
  expect(
    readdirSync(directory)
      .filter((name) => name.endsWith('.svg'))
      .sort(),
  ).toEqual([...pictures.keys()].sort())
  const [name = '', draw] = [...pictures][0] ?? []
  expect(readFileSync(join(directory, name), 'utf8')).toBe(draw?.())
  const written = statSync(join(directory, name)).mtimeMs
  renderPictures(directory)
  expect(statSync(join(directory, name)).mtimeMs).toBe(written)
})

it('draws again what a run that was cut short has left out', () => {
  const [name = ''] = demoPictures().keys()
  unlinkSync(join(directory, name))
  unlinkSync(join(directory, 'drawn'))
  renderPictures(directory)
  expect(readdirSync(directory)).toContain(name)
})
