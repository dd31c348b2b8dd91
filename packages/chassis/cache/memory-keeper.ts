/** Keeps in this process: right only where nobody else changes what is shown. */
import { newId } from '@stoa/kit/ids.ts'
import { fits, FORGOTTEN_MAX, type Found, type Keeper, type Keeping, type Mark } from './keeper.ts'

const LENGTH_MAX = 32 * 1024 * 1024

interface Kept extends Keeping {
  readonly value: string
  readonly until: number
}

/** Bounded: when it is full, what was not asked for the longest goes first. */
export class MemoryKeeper implements Keeper {
  readonly owed = 0
  readonly #now: () => number
  readonly #lengthMax: number
  readonly #kept = new Map<string, Kept>()
  readonly #forgotten = new Map<string, number>()
  #length = 0
  #epoch = newId()
  #seq = 0

  constructor({ now = () => performance.now(), lengthMax = LENGTH_MAX }: { now?: () => number; lengthMax?: number } = {}) {
    this.#now = now
    this.#lengthMax = lengthMax
  }

  async find(name: string): Promise<Found> {
    const kept = this.#kept.get(name)
    if (!kept) return { mark: this.#mark() }
    if (kept.until <= this.#now() || !this.#isFresh(kept)) {
      this.#drop(name, kept)
      return { mark: this.#mark() }
    }
    // Asked for last, it goes last.
    this.#kept.delete(name)
    this.#kept.set(name, kept)
    return { value: kept.value }
  }

  async keep(name: string, value: string, keeping: Keeping): Promise<boolean> {
    if (!fits(value, keeping) || !this.#isFresh(keeping)) return false
    const before = this.#kept.get(name)
    if (before) this.#drop(name, before)
    this.#put(name, { ...keeping, value, until: this.#now() + keeping.ms })
    while (this.#length > this.#lengthMax) {
      const [oldest, kept] = this.#kept.entries().next().value as [string, Kept]
      this.#drop(oldest, kept)
    }
    return true
  }

  async forget(things: Iterable<string>): Promise<void> {
    this.#seq++
    for (const thing of things) this.#forgotten.set(thing, this.#seq)
    if (this.#forgotten.size <= FORGOTTEN_MAX) return
    this.#forgotten.clear()
    this.#kept.clear()
    this.#length = 0
    this.#epoch = newId()
  }

  close(): void {}

  #mark(): Mark {
    return { epoch: this.#epoch, seq: this.#seq }
  }

  #isFresh({ mark, shows }: Keeping): boolean {
    return mark.epoch === this.#epoch && shows.every((thing) => (this.#forgotten.get(thing) ?? 0) <= mark.seq)
  }

  #put(name: string, kept: Kept): void {
    this.#kept.set(name, kept)
    this.#length += lengthOf(name, kept)
  }

  #drop(name: string, kept: Kept): void {
    this.#kept.delete(name)
    this.#length -= lengthOf(name, kept)
  }
}

function lengthOf(name: string, { value, shows }: Kept): number {
  return name.length + value.length + shows.reduce((sum, thing) => sum + thing.length, 0)
}
