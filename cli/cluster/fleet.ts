/** The processes of a cluster: started, kept, and replaced one after the other without a request that fails. */
import { setTimeout as sleep } from 'node:timers/promises'
import { allStarted } from '../unwind.ts'
import { keepProcess, type KeptProcess, type ProcessState } from './kept-process.ts'
import type { Part, Slot } from './plan.ts'

/** How many processes start at once: each wants a core to itself for a moment. */
const STARTING_MAX = 4
/** Whoever sends requests looks this often who takes them, and a moment more. */
const SEEN_MS = 1500

interface Member {
  readonly part: Part
  readonly slot: Slot
  readonly kept: KeptProcess
}

export interface FleetOptions {
  readonly parts: readonly Part[]
  /** What every process is told. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Called when another process of a part is to take its requests; resolves when whoever must be told knows. */
  readonly onMembers: (part: string) => Promise<void>
}

export class Fleet {
  readonly #options: FleetOptions
  readonly #members: Member[] = []
  #count = 0
  #stopping = false

  constructor(options: FleetOptions) {
    this.#options = options
  }

  /** Starts every replica; resolves when all serve. Throws: what the first failing one said. */
  async start(): Promise<void> {
    const waiting = this.#options.parts.flatMap((part) => part.slots.slice(0, part.replicas).map((slot) => ({ part, slot })))
    const starter = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.#launch(next.part, next.slot).kept.ready
    }
    await allStarted(Array.from({ length: STARTING_MAX }, starter))
  }

  /** `127.0.0.1:port` of each replica of a part. */
  addressesOf(part: string): string[] {
    return this.#members.filter((one) => one.part.name === part).map((one) => `127.0.0.1:${one.slot.httpPort}`)
  }

  /** Replaces each process: the new one serves before the old one goes, and the old one goes when nobody asks it any more. */
  async roll(): Promise<void> {
    let leaving: { part?: Part; gone: Promise<void> } = { gone: Promise.resolve() }
    for (const old of [...this.#members]) {
      if (this.#stopping) break
      // Its place is wanted for the next of its part.
      if (leaving.part === old.part) await leaving.gone
      const fresh = this.#launch(old.part, this.#freeSlot(old.part))
      await fresh.kept.ready
      await sleep(SEEN_MS)
      this.#members.splice(this.#members.indexOf(old), 1)
      await this.#options.onMembers(old.part.name)
      await leaving.gone
      leaving = { part: old.part, gone: old.kept.stop() }
    }
    await leaving.gone
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#members.map((one) => one.kept.stop()))
  }

  #freeSlot({ name, slots }: Part): Slot {
    const taken = new Set(this.#members.map((one) => one.slot))
    const free = slots.find((one) => !taken.has(one))
    if (!free) throw new Error(`${name} has no free place`)
    return free
  }

  #launch(part: Part, slot: Slot): Member {
    const kept = keepProcess({
      name: `${part.name}-${++this.#count}`,
      env: { ...this.#options.env, STOA_SERVICES: part.name, STOA_PORT: String(slot.httpPort), STOA_GRPC_PORT: String(slot.grpcPort) },
      health: `http://127.0.0.1:${slot.httpPort}/health/serving`,
      onState: tell,
      onOutput: (chunk) => process.stdout.write(chunk),
    })
    const member = { part, slot, kept }
    this.#members.push(member)
    return member
  }
}

/** A line for each change, for the terminal and for whoever reads it later. */
function tell(name: string, state: ProcessState, about: string): void {
  console.log(`${name.padEnd(18)} ${state}${about === '' ? '' : ` (${about})`}`)
}
