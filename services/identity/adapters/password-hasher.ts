/** argon2id with a bound on how many are computed at once: each takes 19 MiB and a core for tens of milliseconds. */
import { hash, verify } from '@node-rs/argon2'
import { Fault } from '@stoa/chassis/fault.ts'
import { Gate } from '@stoa/chassis/runtime/loops.ts'

// OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane. The binding's default algorithm is argon2id.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Leaves half of libuv's four threads to everybody else. */
const AT_ONCE_MAX = 2
/** About two seconds of work; whoever comes then is told to come back. */
const WAITING_MAX = 80

const gate = new Gate(AT_ONCE_MAX, WAITING_MAX)
let decoy: Promise<string> | undefined

/** The hash of a password. Throws: fault `overloaded` when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, COST))
}

/** Whether `password` has this hash. Without a hash it takes just as long and answers no. Throws: fault `overloaded`. */
export async function passwordFits(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  const against = passwordHash ?? (await decoyHash())
  const fits = await inTurn(() => verify(against, password))
  return fits && passwordHash != null
}

/** Computes the hash that unknown accounts are checked against, so that the first of them takes no longer than the others. */
export async function decoyHash(): Promise<string> {
  decoy ??= inTurn(() => hash('nobody has this password', COST))
  return decoy
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await gate.run(work)
  } catch (error) {
    if (error instanceof Fault)
      throw new Fault('overloaded', 'too many passwords are being checked', { cause: error, retryAfterSeconds: 2 })
    throw error
  }
}
