/** Samples of the rules: `samples/<rule>.md`, with a house that passes and a house that must fail. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type House, houseOf } from './house.ts'

/** A rule's two houses. In the failing one, each line that must be found says `fails`. */
export interface Sample {
  readonly rule: string
  readonly passes: House
  readonly fails: House
}

/** Reads every sample. */
export function readSamples(): Sample[] {
  const folder = join(import.meta.dirname, 'samples')
  return readdirSync(folder).map((name) => sampleOf(name.replace(/\.md$/, ''), readFileSync(join(folder, name), 'utf8')))
}

/** Takes a sample's page apart: fences are files, their path stands behind the language. `repeat 3: x` is three lines of x. */
export function sampleOf(rule: string, page: string): Sample {
  const [, passes, fails] = page.split(/^## (?:Passes|Fails)$/m)
  if (passes === undefined || fails === undefined) throw new Error(`samples/${rule}.md needs the headings 'Passes' and 'Fails'`)
  return { rule, passes: houseIn(passes), fails: houseIn(fails) }
}

function houseIn(section: string): House {
  const files = [...section.matchAll(/^(```|~~~~)[a-z]+ (\S+)\n([\s\S]*?)\n\1$/gm)]
  return houseOf(new Map(files.map(([, , path, text]) => [path ?? '', expand(text ?? '')])))
}

function expand(text: string): string {
  return text.replace(/^repeat (\d+): (.*)$/gm, (_, times: string, line: string) =>
    Array.from({ length: Number(times) }, () => line).join('\n'),
  )
}
