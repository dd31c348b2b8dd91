import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** The user that PostgreSQL runs as when we are root (it refuses root itself): `postgres`, else `stoa`, made if need be, else `nobody`. */
export function databaseUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const present = findUser('postgres') ?? findUser('stoa')
  if (present) return present
  spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'stoa'], { stdio: 'ignore' })
  const user = findUser('stoa') ?? findUser('nobody')
  if (!user) throw new Error('started as root, and there is no user to run PostgreSQL as: add one named stoa')
  return user
}

function findUser(name: string): SystemUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : undefined
}

/** Whether `user` may pass through every folder down to `path`. */
export function reachableBy(path: string, user: SystemUser): boolean {
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at)
    const passable = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001
    if (!passable) return false
    if (at === dirname(at)) return true
  }
}
