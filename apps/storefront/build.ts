/** Builds the storefront for production, and tells when it must be built again. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = dirname(fileURLToPath(import.meta.url))
const repository = resolve(root, '../..')
const BUILD_DEADLINE_MS = 180_000

/**
 * Builds into `outDir`, whole or not at all: `outDir/server/index.js` for `createStorefront`, `outDir/client` for browsers, with
 * a `.br` and a `.gz` beside every asset. Runs in a process of its own, so that the memory of the build does not stay with the shop.
 */
export async function buildStorefront(options: { outDir: string }): Promise<void> {
  const outDir = resolve(options.outDir)
  const half = `${outDir}.half-${process.pid}`
  await rm(half, { recursive: true, force: true })
  await mkdir(dirname(outDir), { recursive: true })
  try {
    await runBuilder(half)
    await compressAssets(join(half, 'client', 'assets'))
    // Another process may have been quicker: what it made is the same, and perhaps in use.
    await rename(half, outDir).catch(async (error: unknown) => {
      if (existsSync(join(outDir, 'server/index.js'))) return
      if (!existsSync(outDir)) throw error
      await rm(outDir, { recursive: true, force: true })
      await rename(half, outDir)
    })
  } finally {
    await rm(half, { recursive: true, force: true })
  }
}

/** A hash of everything the build is made from: sources, styles and the versions of what it is built with. */
export async function storefrontSourceHash(): Promise<string> {
  const hash = createHash('sha256')
  const files = [
    ...(await filesBelow(join(root, 'app'))),
    ...(await filesBelow(resolve(root, '../../packages/ui'))),
    ...['build.ts', 'build-once.ts', 'vite.config.cts', 'react-router.config.ts', 'package.json'].map((name) => join(root, name)),
    join(repository, 'package-lock.json'),
  ]
  for (const file of files.sort()) {
    hash.update(`${relative(repository, file)}\0`).update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 24)
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$|\.md$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
}

function runBuilder(outDir: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(root, 'build-once.ts')], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', STOA_STOREFRONT_BUILD: outDir },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: BUILD_DEADLINE_MS,
    })
    const said: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.on('error', fail)
    child.on('close', (code, signal) => {
      if (code === 0) done()
      else fail(new Error(`The storefront could not be built (${signal ?? code}):\n${Buffer.concat(said).toString().slice(-4000)}`))
    })
  })
}

async function compressAssets(folder: string): Promise<void> {
  for (const file of await filesBelow(folder)) {
    if (!/\.(?:js|css|svg|json)$/.test(file)) continue
    const bytes = await readFile(file)
    await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }))
    await writeFile(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }))
  }
}
