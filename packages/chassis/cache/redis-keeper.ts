/**
 * Keeps in Redis, for all processes of a shop. Epoch, number and all that was forgotten lie in one hash: Redis loses them together or
 * not at all, whatever it evicts, and without them everything kept is of another epoch.
 */
import { newId } from '@stoa/kit/ids.ts'
import { REST_MS, type Script, type SharedRedis } from '../redis.ts'
import { fits, FORGOTTEN_MAX, type Found, type Keeper, type Keeping } from './keeper.ts'

/** Both keys of a script in one slot of a Redis Cluster. */
const FORGOTTEN = '{kept}:forgotten'
const VALUES = '{kept}:value:'
/** Before the names of things, that none is called like a field of ours. */
const THING = '.'
/** More things at once forget everything: a list of ten thousand prices is changed once a week. */
const THINGS_AT_ONCE_MAX = 1000

/** `shows` is a list of fields of the hash of what was forgotten. */
const IS_FRESH = `local function isFresh(shows, seq)
  for _, at in ipairs(redis.call('HMGET', KEYS[1], unpack(cjson.decode(shows)))) do
    if at and tonumber(at) > tonumber(seq) then return false end
  end
  return true
end
`
const FIND: Script = {
  name: 'keptFind',
  keys: 2,
  lua: `${IS_FRESH}
local epoch, seq = unpack(redis.call('HMGET', KEYS[1], 'epoch', 'seq'))
if not epoch then
  epoch, seq = ARGV[1], '0'
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', seq)
end
local kept = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'shows', 'value')
if kept[1] == epoch and isFresh(kept[3], kept[2]) then return {kept[4]} end
return {epoch, tonumber(seq)}`,
}
const KEEP: Script = {
  name: 'keptKeep',
  keys: 2,
  lua: `${IS_FRESH}
local epoch, seq, shows, ms, value = unpack(ARGV)
if redis.call('HGET', KEYS[1], 'epoch') ~= epoch or not isFresh(shows, seq) then return 0 end
redis.call('HSET', KEYS[2], 'epoch', epoch, 'seq', seq, 'shows', shows, 'value', value)
redis.call('PEXPIRE', KEYS[2], ms)
return 1`,
}
/** Without things: all of them. Where nothing is known, nothing is kept. */
const FORGET: Script = {
  name: 'keptForget',
  keys: 1,
  lua: `if #ARGV == 0 or redis.call('HLEN', KEYS[1]) > ${FORGOTTEN_MAX} then return redis.call('UNLINK', KEYS[1]) end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
for _, thing in ipairs(ARGV) do redis.call('HSET', KEYS[1], thing, seq) end
return 1`,
}

export class RedisKeeper implements Keeper {
  readonly #redis: SharedRedis
  #owed = new Set<string>()
  #settling: Promise<boolean> | undefined
  #later: NodeJS.Timeout | undefined

  constructor(redis: SharedRedis) {
    redis.define(FIND, KEEP, FORGET)
    this.#redis = redis
    redis.onReady(() => void this.#isSettled())
  }

  get owed(): number {
    return this.#owed.size
  }

  async find(name: string): Promise<Found | undefined> {
    if (!(await this.#isSettled())) return undefined
    const [first, seq] = (await this.#redis.ask<[string, number?]>(FIND, FORGOTTEN, VALUES + name, newId())) ?? []
    if (first === undefined) return undefined
    return seq === undefined ? { value: first } : { mark: { epoch: first, seq } }
  }

  async keep(name: string, value: string, keeping: Keeping): Promise<boolean> {
    if (!fits(value, keeping) || !(await this.#isSettled())) return false
    const { mark, shows, ms } = keeping
    const fields = JSON.stringify(shows.map((thing) => THING + thing))
    return (await this.#redis.ask<number>(KEEP, FORGOTTEN, VALUES + name, mark.epoch, mark.seq, fields, ms, value)) === 1
  }

  async forget(things: Iterable<string>): Promise<void> {
    const all = [...things]
    if (!(await this.#tell(all))) this.#owe(all)
  }

  close(): void {
    clearTimeout(this.#later)
  }

  async #tell(things: readonly string[]): Promise<boolean> {
    const named = things.length > THINGS_AT_ONCE_MAX ? [] : things.map((thing) => THING + thing)
    return (await this.#redis.insist<number>(FORGET, FORGOTTEN, ...named)) !== undefined
  }

  /** Past the most that are told at once, everything is owed anyway. A connection that comes about tells it, or a moment that passes. */
  #owe(things: Iterable<string>): void {
    for (const thing of things) if (this.#owed.size <= THINGS_AT_ONCE_MAX) this.#owed.add(thing)
    this.#later ??= setTimeout(() => {
      this.#later = undefined
      void this.#isSettled()
    }, REST_MS).unref()
  }

  /** Whether all that is owed has been told; tells it first. */
  async #isSettled(): Promise<boolean> {
    if (this.#owed.size === 0 && !this.#settling) return true
    this.#settling ??= this.#settle().finally(() => (this.#settling = undefined))
    return (await this.#settling) && this.#owed.size === 0
  }

  async #settle(): Promise<boolean> {
    const owed = this.#owed
    this.#owed = new Set()
    const isTold = await this.#tell([...owed])
    if (!isTold) this.#owe(owed)
    return isTold
  }
}
