/** How the ports of events and moments must behave, as cases that run against any implementation: the one in memory and PostgreSQL. */
import assert from 'node:assert/strict'
import { eventCases } from './ports-suite-events.ts'
import { momentCases } from './ports-suite-moments.ts'
import type { Connection, World } from './world.ts'

/** A world made for one case, with a connection to each of its rivals. */
export interface Rig<Tx> {
  readonly world: Pick<World<Tx, never>, 'books' | 'advance'>
  readonly here: Connection<Tx>
  readonly rival: Connection<Tx>
  /** How long something must not have happened before a case believes that it waits. */
  readonly patienceMs: number
}

export interface Case {
  readonly title: string
  run<Tx>(rig: Rig<Tx>): Promise<void>
}

/** Streams that the rig must have opened. */
export const SUITE_STREAMS = ['suite.events', 'suite.other'] as const

/** All cases. */
export function portCases(): readonly Case[] {
  const cases = [...eventCases, ...momentCases]
  assert.equal(new Set(cases.map((one) => one.title)).size, cases.length)
  return cases
}
