/** What a machine must have by itself before any server is started: all of it looked for at once. */
import { assertObtainable } from './debian.ts'
import { kafkaOrder } from './kafka.ts'
import { assertFetchable } from './maven.ts'
import { assertPresent, javaProgram } from './programs.ts'
import { registryOrder } from './registry.ts'

/** Throws: one error that names everything that is missing for the four servers, and what to do. What is in the cache already is enough. */
export async function assertPrerequisites(cacheDir: string): Promise<void> {
  await assertPresent([
    javaProgram,
    () => assertFetchable(cacheDir, kafkaOrder),
    () => assertFetchable(cacheDir, registryOrder),
    () => assertObtainable(cacheDir, 'redis'),
    () => assertObtainable(cacheDir, 'nginx'),
  ])
}
