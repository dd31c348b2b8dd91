/** The storefront as it is built from this very source. */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildStorefront, storefrontSourceHash } from '@stoa/storefront/build.ts'

/** Builds the storefront unless this very source was built before; older builds are removed. */
export async function prepareStorefront(buildDir: string): Promise<string> {
  const folder = storefrontFolder(buildDir, await storefrontSourceHash())
  if (existsSync(join(folder, 'server/index.js'))) return folder
  await buildStorefront({ outDir: folder })
  for (const old of await readdir(buildDir)) {
    if (join(buildDir, old) !== folder && !old.includes('.half')) await rm(join(buildDir, old), { recursive: true, force: true })
  }
  return folder
}

/** Where the files of its pages lie, built or not yet. */
export async function storefrontAssets(buildDir: string): Promise<string> {
  return join(storefrontFolder(buildDir, await storefrontSourceHash()), 'client/assets')
}

function storefrontFolder(buildDir: string, hash: string): string {
  return join(buildDir, hash)
}
