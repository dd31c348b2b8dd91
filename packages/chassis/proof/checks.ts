/** The promises of the event machinery (reliability §2.3), checked against what is committed. Throws: naming the one that is broken. */
import { CONSUMERS, DEADLINE, MAIL, REFRESH, REMIND, type Scene } from './lives.ts'
import type { Books, Effect, Numbered } from './world.ts'

/** A broken promise. */
export class Broken extends Error {}

/** What must hold at any moment. */
export function checkAlways(books: Books): void {
  checkNothingLostOrInvented(books)
  checkGapless(books)
  checkOrderOfKeys('P3: the stream', books.log)
  for (const consumer of CONSUMERS) {
    checkEffectsOfPosition(books, consumer)
    checkOrderOfKeys(
      `P3: effects of ${consumer}`,
      books.effects.filter((one) => one.by === consumer),
    )
  }
}

/** What must hold when everything has come to rest. */
export function checkAtRest(books: Books, scene: Scene): void {
  checkAlways(books)
  demand(books.outbox.length === 0, `at rest: ${books.outbox.length} events in the outbox`)
  demand(books.parked.length === 0, `at rest: ${books.parked.length} events parked`)
  demand(books.moments.length === 0, `at rest: ${books.moments.length} moments left`)
  const logged = new Set(books.log.map(nameOf))
  for (const one of scene.acknowledged) demand(logged.has(nameOf(one)), `P1: ${nameOf(one)} was acknowledged and is lost`)
  for (const consumer of CONSUMERS) {
    const done = books.effects.filter((one) => one.by === consumer).length
    demand(done === books.log.length, `P5: ${consumer} has ${done} effects of ${books.log.length} events`)
  }
  checkMoments(books)
}

/** P1: what is committed is in the outbox or in the stream, once. */
function checkNothingLostOrInvented({ aggregates, outbox, log }: Books): void {
  const found = [...outbox, ...log].map(nameOf)
  const unique = new Set(found)
  demand(unique.size === found.length, `P1: ${found.find((name, index) => found.indexOf(name) !== index)} is there twice`)
  let committed = 0
  for (const [key, n] of aggregates) {
    committed += n
    for (let each = 1; each <= n; each++) demand(unique.has(nameOf({ key, n: each })), `P1: ${key}/${each} is lost`)
  }
  demand(found.length === committed, `P1: ${found.length} events where ${committed} were committed`)
}

/** P2: numbers 1, 2, 3 … in each partition, and the head behind the last. */
function checkGapless({ log, heads }: Books): void {
  const last = new Map<string, number>()
  for (const { stream, part, seq } of log) {
    const expected = (last.get(`${stream}/${part}`) ?? 0) + 1
    demand(seq === expected, `P2: ${stream}/${part} has ${seq} where ${expected} belongs`)
    last.set(`${stream}/${part}`, seq)
  }
  for (const { stream, part, nextSeq } of heads)
    demand(nextSeq === (last.get(`${stream}/${part}`) ?? 0) + 1, `P2: the head of ${stream}/${part} is at ${nextSeq}`)
}

/** P3: versions of one key come as 1, 2, 3 … */
function checkOrderOfKeys(where: string, events: readonly Numbered[]): void {
  const last = new Map<string, number>()
  for (const { key, n } of events) {
    const expected = (last.get(key) ?? 0) + 1
    demand(n === expected, `${where}: ${key}/${n} where ${key}/${expected} belongs`)
    last.set(key, n)
  }
}

/** P5: up to the position each event has its effect, or is parked, once; beyond it none. */
function checkEffectsOfPosition({ effects, parked, positions }: Books, consumer: string): void {
  const found = new Map<number, number[]>()
  const taken = [...effects.filter((one) => one.by === consumer), ...parked.filter((one) => one.consumer === consumer)] as readonly {
    part: number
    seq: number
  }[]
  for (const { part, seq } of taken) found.set(part, [...(found.get(part) ?? []), seq])
  for (const { consumer: owner, part, lastSeq } of positions) {
    if (owner !== consumer) continue
    const seqs = (found.get(part) ?? []).sort((a, b) => a - b)
    found.delete(part)
    demand(
      seqs.length === lastSeq && seqs.every((seq, index) => seq === index + 1),
      `P5: ${consumer} is at ${lastSeq} of partition ${part} with effects of ${seqs.join(' ')}`,
    )
  }
  demand(found.size === 0, `P5: ${consumer} has effects where it has no position`)
}

/** Each timer and task has had its effect once; one that was moved has told its last word. */
function checkMoments(books: Books): void {
  for (const { key, n } of books.log) {
    const once = `${key}/${n}`
    for (let left = n % 2; left >= 0; left--)
      demand(
        count(books.effects, REMIND, once, left) === 1,
        `timer ${REMIND} of ${once} with ${left} left fired ${count(books.effects, REMIND, once, left)} times`,
      )
    demand(count(books.effects, MAIL, once, n) === 1, `task ${MAIL} of ${once} was done ${count(books.effects, MAIL, once, n)} times`)
  }
  for (const [key, n] of books.aggregates)
    for (const name of [DEADLINE, REFRESH]) {
      const last = books.effects.findLast((one) => one.by === name && one.key === key)
      demand(last?.n === n, `${name} of ${key} last spoke of ${last?.n}, not of ${n}`)
    }
}

function count(effects: readonly Effect[], by: string, key: string, n: number): number {
  return effects.filter((one) => one.by === by && one.key === key && one.n === n).length
}

function nameOf({ key, n }: Numbered): string {
  return `${key}/${n}`
}

function demand(holds: boolean, broken: string): void {
  if (!holds) throw new Broken(broken)
}
