/** How much memory the shop's own PostgreSQL keeps of its data: a small shop little, a large one what it is read by. */
import { lstatSync, readdirSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'

const MEGABYTE = 1024 * 1024
const BUFFERS_MB_MIN = 96
/** The machine also runs everything else. */
const MEMORY_SHARE = 1 / 8
/** Of 430,000 products more than this brought nothing (decision 0023). */
const DATA_SHARE = 1 / 2

/** PostgreSQL's `shared_buffers` for what lies in a cluster's folder now, e.g. `96MB`. */
export function buffersFor(cluster: string): string {
  return `${bufferMegabytes(bytesBelow(join(cluster, 'base')), memoryBytes())}MB`
}

/** Half of the data, at most an eighth of the memory. Units: megabytes from bytes. */
export function bufferMegabytes(dataBytes: number, memory: number): number {
  return Math.max(BUFFERS_MB_MIN, Math.floor(Math.min(dataBytes * DATA_SHARE, memory * MEMORY_SHARE) / MEGABYTE))
}

/** Of the machine, or of the container when that has less. */
function memoryBytes(): number {
  const allowed = process.constrainedMemory()
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem()
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .reduce((sum, one) => sum + (lstatSync(join(one.parentPath, one.name), { throwIfNoEntry: false })?.size ?? 0), 0)
}
