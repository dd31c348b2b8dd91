/**
 * Where answers are kept until something they show is touched. Two adapters: this process's memory, where all of the shop is one process,
 * and Redis, where it is many. Both are held to one suite (`keeper-suite.ts`).
 *
 * The promise: whoever asks after `forget` has answered is never given what was read before it. What was read is only kept if nothing
 * it shows was forgotten since the `Mark` that was drawn before reading, and only found as long as nothing was forgotten after it.
 */

/** A place in the row of all that is forgotten. Of another `epoch` everything is old: what was forgotten then is not known any more. */
export interface Mark {
  readonly epoch: string
  readonly seq: number
}

/** What was kept, or the mark to read anew under. */
export type Found = { readonly value: string } | { readonly mark: Mark }

export interface Keeping {
  /** Drawn before the first word of the value was read. */
  readonly mark: Mark
  /** Names of all that the value shows. */
  readonly shows: readonly string[]
  readonly ms: number
}

export interface Keeper {
  /** Undefined: nobody can tell for the moment. */
  find(name: string): Promise<Found | undefined>
  /** False where it was refused: something it shows was forgotten meanwhile, or it is not worth a place. */
  keep(name: string, value: string, keeping: Keeping): Promise<boolean>
  /** Forgets every value that shows one of these. What cannot be told at once is told later; values live only `LIFE_MS_MAX` anyway. */
  forget(things: Iterable<string>): Promise<void>
  /** Things that could not be forgotten yet. */
  readonly owed: number
  close(): void
}

/** Nothing is kept longer: what is touched by a process that ends before it could tell is wrong for so long at most. */
export const LIFE_MS_MAX = 60_000
/** What shows more is touched too often to be worth a place. */
export const SHOWN_MAX = 200
/** Units: UTF-16 code units. */
export const VALUE_LENGTH_MAX = 256 * 1024
/** Things remembered as forgotten. Beyond it a new epoch begins, with nothing kept. */
export const FORGOTTEN_MAX = 50_000

/** Whether a value has the size of one that is kept. */
export function fits(value: string, { shows }: Keeping): boolean {
  return value.length <= VALUE_LENGTH_MAX && shows.length > 0 && shows.length <= SHOWN_MAX
}
