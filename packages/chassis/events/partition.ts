import { crc32 } from 'node:zlib'
import { PARTITIONS } from '../contract.ts'

/** The partition of a key: the same for ever, on every carrier. */
export function partitionOf(key: string): number {
  return crc32(key) % PARTITIONS
}
