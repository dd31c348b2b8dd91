/** What was started is ended, last things first. */
import { setTimeout as sleep } from 'node:timers/promises'

/** A shop, or a process of one, at work. */
export interface Shop {
  readonly origin: string
  stop(): Promise<void>
}

/** Takes back one step of a start. */
export type Undo = () => Promise<void> | void

const STOP_SECONDS_MAX = 25

/** Ends what was started, last things first; each step has a bound. */
export async function unwind(undo: Undo[]): Promise<void> {
  for (const step of undo.toReversed()) {
    const bound = sleep(STOP_SECONDS_MAX * 1000, undefined, { ref: false })
    await Promise.race([Promise.resolve(step()).catch(() => {}), bound])
  }
}

/** Waits for each, also when another failed: what has not come up yet cannot be taken down. Throws: the first fault. */
export async function allStarted<T extends readonly unknown[]>(starting: { [Index in keyof T]: Promise<T[Index]> | T[Index] }): Promise<T> {
  await Promise.allSettled(starting)
  return (await Promise.all(starting)) as unknown as T
}
