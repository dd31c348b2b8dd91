import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { slugOf } from './catalogue/codes.ts'
import type { ColourName } from './catalogue/colours.ts'
import { families } from './catalogue/families.ts'
import type { FamilyKey } from './catalogue/shape.ts'
import { drawTallScene, drawWideScene, tallSize, wideSize } from './pictures/home.ts'
import { HEIGHT, WIDTH } from './pictures/light.ts'
import { lookOf } from './pictures/look.ts'
import { picturesOf } from './pictures/registry.ts'
import { at, finish, newSketch } from './pictures/svg.ts'
import type { Sketch } from './pictures/svg.ts'

/** An image in the shape of the catalogue. */
export interface DemoImage {
  url: string
  alt: string
  width: number
  height: number
}

interface Picture {
  width: number
  height: number
  draw(): string
}

const FOLDER = '/media/demo/'
const pictures = new Map<string, Picture>()
const fileNames = new Map<string, string>()

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
  const { width, height } = pictureOf(name)
  return { url: FOLDER + fileNameOf(name), alt, width, height }
}

/** The large picture of the home page, for wide and for tall screens. */
export function demoScene(): { wide: DemoImage; tall: DemoImage } {
  const alt =
    'A hall of limestone columns open to the sea; between them a chair with a folded blanket, a lamp, a kettle, cups, a camera on books, a bag and plants, in low light from the left'
  return { wide: imageOf('home-wide', alt), tall: imageOf('home-tall', alt) }
}

/** A small square picture for each family, without words: the name stands beside it. */
export function familyPictures(): { family: FamilyKey; name: string; path: string; image: DemoImage }[] {
  return families.map(({ key, name, path }) => ({ family: key, name, path, image: imageOf(`family-${key}`, '') }))
}

/** Every picture by its file name, drawn when asked for; a name changes with its content, so files may be cached for ever. */
export function demoPictures(): Map<string, () => string> {
  return new Map([...allPictures()].map(([name, picture]) => [fileNameOf(name), picture.draw]))
}

/** Writes every picture into `directory`, unless the same drawings are there already; pictures of earlier versions stay. */
export function renderPictures(directory: string): void {
  const mark = join(directory, 'drawn')
  const version = fingerprint()
  if (existsSync(mark) && readFileSync(mark, 'utf8') === version) return
  mkdirSync(directory, { recursive: true })
  for (const [name, picture] of allPictures()) {
    const svg = picture.draw()
    writeFileSync(join(directory, nameWith(name, svg)), svg)
  }
  // Last, so that a run that was cut short is done again.
  writeFileSync(mark, version)
}

/** Changes with every change of the drawings or the catalogue. */
function fingerprint(): string {
  const hash = createHash('sha256')
  for (const folder of ['catalogue', 'pictures']) {
    const path = join(import.meta.dirname, folder)
    for (const file of readdirSync(path).sort()) hash.update(file).update(readFileSync(join(path, file)))
  }
  return hash.digest('hex')
}

function allPictures(): Map<string, Picture> {
  if (pictures.size > 0) return pictures
  for (const family of families) {
    const drawings = picturesOf[family.key]
    for (const article of family.articles) {
      const slug = slugOf(article.name)
      for (const colour of article.colours) {
        add(portraitName(slug, colour), [WIDTH, HEIGHT], (sketch) => drawings.portrait(sketch, lookOf(article, colour)))
      }
      add(inUseName(slug), [WIDTH, HEIGHT], (sketch) => drawings.inUse(sketch, lookOf(article, article.colours[0] as ColourName)))
    }
  }
  for (const { key, articles } of families) {
    const [article] = articles
    if (!article) continue
    const look = lookOf(article, article.colours[0] as ColourName)
    add(`family-${key}`, [640, 640], (sketch) => at(0, -112, picturesOf[key].portrait(sketch, look), 0.8))
  }
  add('home-wide', wideSize, drawWideScene)
  add('home-tall', tallSize, drawTallScene)
  return pictures
}

function add(name: string, [width, height]: readonly [number, number], content: (sketch: Sketch) => string): void {
  pictures.set(name, {
    width,
    height,
    draw() {
      const sketch = newSketch()
      const body = content(sketch)
      return finish(sketch, width, height, body)
    },
  })
}

function pictureOf(name: string): Picture {
  const picture = allPictures().get(name)
  if (!picture) throw new Error(`no picture is called ${name}`)
  return picture
}

function fileNameOf(name: string): string {
  return fileNames.get(name) ?? nameWith(name, pictureOf(name).draw())
}

function nameWith(name: string, svg: string): string {
  const made = `${name}-${createHash('sha256').update(svg).digest('hex').slice(0, 10)}.svg`
  fileNames.set(name, made)
  return made
}
