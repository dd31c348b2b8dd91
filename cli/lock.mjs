/** One process at a time, by a file that names its owner. Plain JavaScript for Node 18 and newer. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 200
const ATTEMPTS_MAX = 100
/** A slow line may need minutes for 400 MB; after this the owner is taken to hang, and the user is told. */
const WAIT_MS_MAX = 15 * 60 * 1000

/** Runs `work` while holding `file`. A lock whose owner is dead is taken over. Throws: when the owner lives longer than 15 minutes. */
export async function withLock(file, say, work) {
  await acquire(file, say)
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

async function acquire(file, say) {
  const deadline = Date.now() + WAIT_MS_MAX
  let told = false
  while (Date.now() < deadline) {
    const owner = await tryLock(file)
    if (owner === undefined) return
    if (!told) say(`Stoa: waiting for process ${owner.pid}, which is installing …`)
    told = true
    await sleep(POLL_MS)
  }
  throw new Error(`${file} is still held after ${WAIT_MS_MAX / 60_000} minutes: end the process it names, or delete it`)
}

/** Takes `file` for this process, or answers the living process (`{ pid }`) that has it. One whose owner is dead is taken over. */
export async function tryLock(file) {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (tryCreate(file)) return undefined
    const text = readText(file)
    if (text === undefined) continue
    const owner = ownerIn(text)
    if (isAlive(owner)) return owner
    if (await takeOver(file, text)) return undefined
  }
  throw new Error(`${file} changes hands all the time`)
}

/** The living process (`{ pid }`) that has `file`; undefined when nobody has. */
export function ownerOf(file) {
  const text = readText(file)
  const owner = text === undefined ? undefined : ownerIn(text)
  return owner && isAlive(owner) ? owner : undefined
}

/** By a link, so that the file is never seen without its owner's name in it. */
function tryCreate(file) {
  const candidate = `${file}.${process.pid}`
  writeFileSync(candidate, JSON.stringify(identity(process.pid)))
  try {
    linkSync(candidate, file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(candidate, { force: true })
  }
}

/** Of several that find the same dead owner, the last to rename wins; the others see a foreign name, at once or after the pause. */
async function takeOver(file, dead) {
  const mine = JSON.stringify(identity(process.pid))
  const candidate = `${file}.${process.pid}`
  writeFileSync(candidate, mine)
  if (readText(file) !== dead) {
    rmSync(candidate, { force: true })
    return false
  }
  renameSync(candidate, file)
  await sleep(POLL_MS)
  return readText(file) === mine
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function ownerIn(text) {
  try {
    return JSON.parse(text)
  } catch {
    // Cut short by a crash: nobody's.
    return { pid: 0, startedAt: '' }
  }
}

function isAlive(owner) {
  if (!Number.isInteger(owner.pid) || owner.pid <= 0) return false
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  return identity(owner.pid).startedAt === owner.startedAt && !isZombie(owner.pid)
}

/** A pid is used again, in a container within seconds; together with its start time it is not. */
function identity(pid) {
  return { pid, startedAt: startTicks(pid) }
}

function startTicks(pid) {
  return fieldsAfterName(pid)[19] ?? ''
}

/** Ended, but nobody has asked how: it takes signals still and does nothing any more. */
function isZombie(pid) {
  return fieldsAfterName(pid)[0] === 'Z'
}

/** The fields of `/proc/<pid>/stat` from the third on: the state is the first of them, the start time (field 22) the 20th. */
function fieldsAfterName(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name stands in parentheses and may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}
