/** The processes of a PostgreSQL server, as `postmaster.pid` and the system tell of them. */
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const STOP_SECONDS_MAX = 30

/** What the server says of itself; undefined while the file is still the one of a server that was killed. */
export function postmasterState(cluster: string, pid: number): string | undefined {
  const lines = readPostmaster(cluster)
  return Number(lines?.[0]) === pid ? lines?.[7]?.trim() : undefined
}

/**
 * A server left running by a shop that was killed holds the cluster: ends it, so that ours can take over. Where the pid in its file
 * belongs to another process by now, or to a dead one nobody has buried (in a container whose process 1 reaps no orphans),
 * PostgreSQL would refuse to start for ever: then the file goes, once none of its processes is left.
 */
export async function endOrphan(cluster: string): Promise<void> {
  const pid = Number(readPostmaster(cluster)?.[0])
  if (!Number.isInteger(pid) || pid <= 0) return
  if (isPostgres(pid, cluster)) return endProcess(pid, 'SIGINT')
  if (!send(pid, 0) || !existsSync('/proc')) return
  const until = Date.now() + STOP_SECONDS_MAX * 1000
  while (processesIn(cluster).length > 0) {
    if (Date.now() > until) throw new Error(`processes ${processesIn(cluster).join(', ')} still use ${cluster}`)
    await sleep(20)
  }
  rmSync(join(cluster, 'postmaster.pid'), { force: true })
}

/** Ends a process; at once if it has not ended after a while. */
export async function endProcess(pid: number, signal: NodeJS.Signals, ended?: Promise<void>): Promise<void> {
  send(pid, signal)
  const until = Date.now() + STOP_SECONDS_MAX * 1000
  while (isRunning(pid) && Date.now() < until) await Promise.race([sleep(20), ...(ended ? [ended] : [])])
  if (isRunning(pid)) send(pid, 'SIGQUIT')
}

function readPostmaster(cluster: string): string[] | undefined {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
}

function isPostgres(pid: number, cluster: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return (command[0] ?? '').endsWith('postgres') && command.includes(cluster)
  } catch {
    return false
  }
}

/** A server's processes all work in its cluster's folder. */
function processesIn(cluster: string): number[] {
  const folder = realpathSync(cluster)
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return pids.filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder
    } catch {
      return false
    }
  })
}

/** Whether a process still works. One that has ended but is not buried yet takes signals still; its state tells. */
export function isRunning(pid: number): boolean {
  if (!send(pid, 0)) return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return send(pid, 0)
  }
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}
