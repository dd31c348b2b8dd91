/** How stock is told to shoppers; the same words on the server and, as stock moves, in the page. */
export interface StockWords {
  readonly tone: 'good' | 'warn' | 'bad'
  readonly text: string
}

/** Units that are few enough to be counted aloud. */
const FEW = 5

/** What is said of `available` units. */
export function stockWords(available: number): StockWords {
  if (available <= 0) return { tone: 'bad', text: 'Sold out for now' }
  if (available <= FEW) return { tone: 'warn', text: `Only ${available} left` }
  return { tone: 'good', text: 'In stock, ready to leave' }
}
