import { setTimeout as sleep } from 'node:timers/promises'
import type { House } from '@stoa/chassis/runtime/house.ts'

/** Resolves when every service of a house is ready. Throws: when one failed. */
export async function untilReady(house: House): Promise<void> {
  for (;;) {
    const states = Object.values(await house.states())
    if (states.every((state) => state === 'ready')) return
    if (states.includes('failed')) throw new Error('a service failed to start')
    await sleep(50)
  }
}
