/** What scenarios are given, and what they answer. */
import type { Client } from './client.ts'
import type { Figures, Target } from './measure.ts'

export interface Bench {
  readonly client: Client
  readonly target: Target
  readonly quick: boolean
  /** Products of the catalogue; each SKU has more stock than any run sells. */
  readonly products: readonly { id: string; sku: string }[]
}

export interface Placed {
  readonly orderId: string
  readonly viewToken: string
  /** When its answer came, by `performance.now()`. */
  readonly at: number
}

export interface Effects {
  /** Batches of events that consumers applied; the lag is that of the oldest event of each, as the upper end of the metric's bucket. */
  readonly batches: number
  readonly lagP50Ms: number
  readonly lagP99Ms: number
  /** Orders whose watcher heard CONFIRMED, and how long after the answer to the order. */
  readonly confirmed: number
  readonly confirmedP50Ms: number
  readonly confirmedP99Ms: number
}

export interface Result {
  readonly closed?: Figures
  readonly open?: Figures
  /** Where the scenario is about effects. */
  readonly effects?: Effects
}

export interface Scenario {
  readonly name: string
  readonly says: string
  /** What it must not cost more than, all processes together. */
  readonly cpuMsMax?: number
  run(bench: Bench): Promise<Result>
}
