/** `npm run new-service -- wishlist`: one folder and one contract file; nothing else is edited. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { namesOf, roomFiles } from '../tools/new-service/room.ts'
import { main as generate } from './generate.ts'
import { isMain, root } from './paths.ts'

/** Makes the room and brings the generated documents up to date. Resolves with the exit code. */
export async function main(argv: string[]): Promise<number> {
  const [name] = argv
  if (argv.length !== 1 || name === undefined) {
    console.error('which service? npm run new-service -- wishlist')
    return 2
  }
  const files = filesFor(name)
  if (typeof files === 'string') {
    console.error(files)
    return 1
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { flag: 'wx' })
    console.log(`wrote ${path}`)
  }
  console.log(`try it: npm test -- services/${name}`)
  return generate([])
}

function filesFor(name: string): Map<string, string> | string {
  try {
    const files = roomFiles(namesOf(name))
    const taken = [`services/${name}`, ...files.keys()].find((path) => existsSync(join(root, path)))
    return taken === undefined ? files : `${taken} is there already`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
