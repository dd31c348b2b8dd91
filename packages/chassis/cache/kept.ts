/** What is kept for one service: answers for anybody at its doors, and what its use cases keep for themselves, each in a space of its own. */
import type { Metrics } from '../telemetry/metrics.ts'
import { LIFE_MS_MAX, type Found, type Keeper, type Keeping, type Mark } from './keeper.ts'

/** Values being made at once that others may wait for. */
const MAKING_MAX = 1000
/** A longer name is asked for by nobody twice. */
const NAME_LENGTH_MAX = 1000

/** How something is made that may be kept. */
export interface Making<Made> {
  readonly ms: number
  make(): Promise<Made>
  /** What is kept of it, with the names of all it shows; undefined: nothing. */
  pack(made: Made): { readonly value: string; readonly shows: readonly string[] } | undefined
  unpack(value: string): Made
}

/** How plain data is made: what survives JSON, and is not null. Processes of two releases share what is kept: what looks otherwise needs another name. */
export interface PlainMaking<Made> {
  readonly ms: number
  readonly shows: readonly string[]
  make(): Promise<Made>
}

type Outcome = 'hit' | 'kept' | 'shared' | 'refused' | 'away'

/** Whose values: `doors` holds answers for anybody, `own` what a service keeps for itself, `logins` which of them go on. */
export interface Space {
  readonly service: string
  readonly space: 'doors' | 'own' | 'logins'
}

export class Kept {
  readonly #keeper: Keeper | undefined
  readonly #space: Space
  readonly #metrics: Metrics
  readonly #making = new Map<string, { readonly mark: Mark; readonly made: Promise<unknown> }>()

  /** Without a keeper everything is made anew. */
  constructor(keeper: Keeper | undefined, space: Space, metrics: Metrics) {
    this.#keeper = keeper
    this.#space = space
    this.#metrics = metrics
  }

  /**
   * What was kept under this name, or else made now and kept. Whoever comes while it is being made waits for it, unless something was
   * forgotten since it began. Throws: what `make` throws, and where it is to be kept for more than `LIFE_MS_MAX`.
   */
  async through<Made>(name: string, { ms, make, pack, unpack }: Making<Made>): Promise<Made> {
    mustBeShort(ms)
    const found = await this.find(name)
    if (!found) return make()
    if ('value' in found) return unpack(found.value)
    const { mark } = found
    const other = this.#making.get(name)
    if (other && isSame(other.mark, mark)) {
      this.#count('shared')
      return other.made as Promise<Made>
    }
    const made = make()
    if (this.#making.size < MAKING_MAX) this.#making.set(name, { mark, made })
    try {
      const packed = pack(await made)
      // Nobody waits for it to be kept.
      if (packed) void this.keep(name, packed.value, { mark, shows: packed.shows, ms })
      return await made
    } finally {
      if (this.#making.get(name)?.made === made) this.#making.delete(name)
    }
  }

  /** The same for plain data that always shows the same things. Undefined is kept, too. */
  plain<Made>(name: string, { make, ...keeping }: PlainMaking<Made>): Promise<Made> {
    return this.through(name, {
      ms: keeping.ms,
      make,
      pack: (made) => ({ value: JSON.stringify(made ?? null), shows: keeping.shows }),
      unpack: (value) => (JSON.parse(value) ?? undefined) as Made,
    })
  }

  /** What was kept, or the mark to keep it under that is made now; undefined: nothing can be kept for the moment. */
  async find(name: string): Promise<Found | undefined> {
    if (!this.#keeper || name.length > NAME_LENGTH_MAX) return undefined
    const found = await this.#keeper.find(this.#whole(name))
    if (!found) this.#count('away')
    else if ('value' in found) this.#count('hit')
    return found
  }

  /** Keeps what was read under a mark that `find` gave before. Throws: where it is to be kept for more than `LIFE_MS_MAX`. */
  async keep(name: string, value: string, keeping: Keeping): Promise<void> {
    mustBeShort(keeping.ms)
    const isKept = await this.#keeper?.keep(this.#whole(name), value, keeping)
    this.#count(isKept ? 'kept' : 'refused')
  }

  #whole(name: string): string {
    return `${this.#space.space} ${this.#space.service} ${name}`
  }

  #count(outcome: Outcome): void {
    this.#metrics.kept.inc({ ...this.#space, outcome })
  }
}

function mustBeShort(ms: number): void {
  if (ms > LIFE_MS_MAX) throw new RangeError(`nothing is kept for ${ms} ms: ${LIFE_MS_MAX} at most`)
}

function isSame(one: Mark, other: Mark): boolean {
  return one.epoch === other.epoch && one.seq === other.seq
}
