/** One way to break one guarantee, and the test that must see it. */
export interface Mutant {
  /** What is broken, as one reads it in the list of results. */
  readonly breaks: string
  readonly file: string
  /** Exact texts and what to put in their place; each must stand in the file exactly once. */
  readonly edits: readonly (readonly [find: string, replacement: string])[]
  readonly tier: 'unit' | 'int'
  /** Test file, and the words of the titles that must turn red. */
  readonly test: string
  readonly title: string
}
