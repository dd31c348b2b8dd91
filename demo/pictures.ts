import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { slugOf } from './catalogue/codes.ts'
import type { ColourName } from './catalogue/colours.ts'
import { families } from './catalogue/families.ts'
import { HEIGHT, WIDTH } from './pictures/light.ts'
import { lookOf } from './pictures/look.ts'
import { picturesOf } from './pictures/registry.ts'
import { finish, newSketch } from './pictures/svg.ts'

/** An image in the shape of the catalogue. */
export interface DemoImage {
  url: string
  alt: string
  width: number
  height: number
}

interface Picture {
  fileName: string
  width: number
  height: number
  draw(): string
}

const FOLDER = '/media/demo/'
let drawn: Map<string, Picture> | undefined

/** The name of the picture of one colour. */
export function portraitName(slug: string, colour: ColourName): string {
  return `${slug}-${colour}`
}

/** The name of the second picture of a product. */
export function inUseName(slug: string): string {
  return `${slug}-in-use`
}

/** The image of that name. Throws: when nothing of that name is drawn. */
export function imageOf(name: string, alt: string): DemoImage {
  const picture = allPictures().get(name)
  if (!picture) throw new Error(`no picture is called ${name}`)
  return { url: FOLDER + picture.fileName, alt, width: picture.width, height: picture.height }
}

/** Every picture by its file name, drawn when asked for; a name changes with its content, so files may be cached for ever. */
export function demoPictures(): Map<string, () => string> {
  return new Map([...allPictures().values()].map((picture) => [picture.fileName, picture.draw]))
}

/** Writes every picture into `directory`. */
export function renderPictures(directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const [fileName, draw] of demoPictures()) writeFileSync(join(directory, fileName), draw())
}

function allPictures(): Map<string, Picture> {
  if (drawn) return drawn
  drawn = new Map()
  for (const family of families) {
    const pictures = picturesOf[family.key]
    for (const article of family.articles) {
      const slug = slugOf(article.name)
      for (const colour of article.colours) {
        add(drawn, portraitName(slug, colour), WIDTH, HEIGHT, (sketch) => pictures.portrait(sketch, lookOf(article, colour)))
      }
      const first = article.colours[0] as ColourName
      add(drawn, inUseName(slug), WIDTH, HEIGHT, (sketch) => pictures.inUse(sketch, lookOf(article, first)))
    }
  }
  return drawn
}

function add(
  all: Map<string, Picture>,
  name: string,
  width: number,
  height: number,
  content: (sketch: ReturnType<typeof newSketch>) => string,
): void {
  const draw = () => {
    const sketch = newSketch()
    return finish(sketch, width, height, content(sketch))
  }
  const hash = createHash('sha256').update(draw()).digest('hex').slice(0, 10)
  all.set(name, { fileName: `${name}-${hash}.svg`, width, height, draw })
}
