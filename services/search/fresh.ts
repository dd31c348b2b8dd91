/** Remembers answers for a short while; whoever asks the same meanwhile waits for the one answer being made. */
export class Fresh<V> {
  readonly #max: number
  readonly #milliseconds: number
  readonly #isWorth: (value: V) => boolean
  readonly #answers = new Map<string, { readonly at: number; readonly value: Promise<V> }>()

  /** `isWorth`: whether an answer is remembered once it is there. */
  constructor(max: number, milliseconds: number, isWorth: (value: V) => boolean = () => true) {
    this.#max = max
    this.#milliseconds = milliseconds
    this.#isWorth = isWorth
  }

  get(key: string, make: () => Promise<V>): Promise<V> {
    const now = performance.now()
    const known = this.#answers.get(key)
    if (known && now - known.at < this.#milliseconds) return known.value
    this.#answers.delete(key)
    if (this.#answers.size >= this.#max) this.#answers.delete(this.#answers.keys().next().value as string)
    const value = make()
    this.#answers.set(key, { at: now, value })
    const forget = () => {
      if (this.#answers.get(key)?.value === value) this.#answers.delete(key)
    }
    // What failed is not remembered.
    value.then((answer) => this.#isWorth(answer) || forget(), forget)
    return value
  }

  forget(): void {
    this.#answers.clear()
  }
}
