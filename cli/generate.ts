/** `npm run generate`: writes the generated documents; with `--check` compares them and writes nothing. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedFiles, refused } from '../tools/generate/documents.ts'
import { isMain, root } from './paths.ts'

/** Writes or compares. Resolves with the exit code: 1 when `--check` finds a difference, or when an event changed so that it needs a new version. */
export async function main(argv: string[]): Promise<number> {
  const refusals = await refused(root)
  for (const line of refusals) console.log(line)
  if (refusals.length > 0) return 1
  const files = await generatedFiles(root)
  const stale = [...files].filter(([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text)
  if (argv.includes('--check')) {
    for (const [path] of stale) console.log(`${path}:1 generated-files is not what the source says: npm run generate`)
    return stale.length === 0 ? 0 : 1
  }
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    console.log(`wrote ${path}`)
  }
  console.log(`${files.size} generated files, ${stale.length} changed`)
  return 0
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
