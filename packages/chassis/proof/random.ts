/** A small seeded source of chance (mulberry32): the same seed, the same run. Source: Tommy Ettinger, public domain. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A number from 0 up to, not including, `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * bound
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.below(to - from + 1))
  }

  chance(probability: number): boolean {
    return this.below(1) < probability
  }

  of<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.below(choices.length))] as T
  }

  /** A UUID; as random as the seed. */
  id(): string {
    const hex = Array.from({ length: 4 }, () => Math.floor(this.below(4_294_967_296)).toString(16).padStart(8, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}
