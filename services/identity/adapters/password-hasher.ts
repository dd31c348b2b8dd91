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

export interface PasswordHasher {
  /** The hash of a password. Throws: fault `overloaded` when too many wait. */
  hashPassword(password: string): Promise<string>
  /** Whether `password` has this hash. Without a hash it takes just as long and answers no. Throws: fault `overloaded`. */
  passwordFits(passwordHash: string | null | undefined, password: string): Promise<boolean>
}

/** Makes a hasher that computes `atOnceMax` at once and lets `waitingMax` wait. */
export function createHasher(atOnceMax: number, waitingMax: number): PasswordHasher & { decoyHash(): Promise<string> } {
  const gate = new Gate(atOnceMax, waitingMax)
  let decoy: Promise<string> | undefined
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await gate.run(work)
    } catch (error) {
      if (error instanceof Fault)
        throw new Fault('overloaded', 'too many passwords are being checked', { cause: error, retryAfterSeconds: 2 })
      throw error
    }
  }
  const decoyHash = async () => {
    decoy ??= hash('nobody has this password', COST)
    return decoy
  }
  return {
    decoyHash,
    hashPassword: async (password) => inTurn(() => hash(password, COST)),
    async passwordFits(passwordHash, password) {
      const against = passwordHash ?? (await decoyHash())
      const fits = await inTurn(() => verify(against, password))
      return fits && passwordHash != null
    },
  }
}

const hasher = createHasher(AT_ONCE_MAX, WAITING_MAX)

export const { hashPassword, passwordFits } = hasher
/** Computes the hash that unknown accounts are checked against, so that the first of them takes no longer than the others. */
export const { decoyHash } = hasher
