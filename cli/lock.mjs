/** One process at a time, by a file that names its owner. Plain JavaScript for Node 18 and newer. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 200
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
    if (tryCreate(file)) return
    const owner = readOwner(file)
    if (owner === undefined) continue
    if (!isAlive(owner)) {
      if (await takeOver(file)) return
      continue
    }
    if (!told) say(`Stoa: waiting for process ${owner.pid}, which is installing …`)
    told = true
    await sleep(POLL_MS)
  }
  throw new Error(`${file} is still held after ${WAIT_MS_MAX / 60_000} minutes: end the process it names, or delete it`)
}

function tryCreate(file) {
  try {
    writeFileSync(file, JSON.stringify(identity(process.pid)), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Of several that find the same dead owner, the last to rename wins; the others see a foreign name after the pause. */
async function takeOver(file) {
  const mine = JSON.stringify(identity(process.pid))
  const candidate = `${file}.${process.pid}`
  writeFileSync(candidate, mine)
  renameSync(candidate, file)
  await sleep(POLL_MS)
  return existsSync(file) && readFileSync(file, 'utf8') === mine
}

function readOwner(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
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
  return identity(owner.pid).startedAt === owner.startedAt
}

/** A pid is used again, in a container within seconds; together with its start time it is not. */
function identity(pid) {
  return { pid, startedAt: startTicks(pid) }
}

function startTicks(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name stands in parentheses and may hold spaces; field 22 is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
