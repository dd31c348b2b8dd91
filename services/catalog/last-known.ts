/** What was seen last, for a bounded number of keys; the longest unseen goes first. */
export class LastKnown<K, V> {
  readonly #max: number
  readonly #values = new Map<K, V>()

  constructor(max: number) {
    this.#max = max
  }

  set(key: K, value: V): void {
    this.#values.delete(key)
    if (this.#values.size >= this.#max) this.#values.delete(this.#values.keys().next().value as K)
    this.#values.set(key, value)
  }

  get(key: K): V | undefined {
    return this.#values.get(key)
  }
}
