/** Remembers answers for a short while; whoever asks the same meanwhile waits for the one answer being made. */
export class Fresh<V> {
  readonly #max: number
  readonly #milliseconds: number
  readonly #answers = new Map<string, { readonly at: number; readonly value: Promise<V> }>()

  constructor(max: number, milliseconds: number) {
    this.#max = max
    this.#milliseconds = milliseconds
  }

  get(key: string, make: () => Promise<V>): Promise<V> {
    const now = performance.now()
    const known = this.#answers.get(key)
    if (known && now - known.at < this.#milliseconds) return known.value
    this.#answers.delete(key)
    if (this.#answers.size >= this.#max) this.#answers.delete(this.#answers.keys().next().value as string)
    const value = make()
    this.#answers.set(key, { at: now, value })
    // What failed is not remembered.
    value.catch(() => this.#answers.delete(key))
    return value
  }

  forget(): void {
    this.#answers.clear()
  }
}
