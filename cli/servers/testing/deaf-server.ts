/** A stand-in for a server of another maker: it never looks whether its parent lives. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerPlan } from '../server.ts'

const PROGRAM = `
const { spawn } = require('node:child_process')
const { writeFileSync } = require('node:fs')
const way = process.argv[1]
if (way === 'broken') { console.log('no such setting: colour'); process.exit(1) }
if (way === 'stubborn') process.on('SIGTERM', () => {})
const worker = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
writeFileSync('worker.pid', String(worker.pid))
setInterval(() => {}, 1000)
`

/** The plan of one that works in `folder`. `way`: `broken` ends at once, `stubborn` does not end when asked. */
export function deafServer(folder: string, way = ''): Omit<ServerPlan, 'ready'> {
  return { name: 'deaf', program: { path: process.execPath, env: {} }, args: ['-e', PROGRAM, way], folder }
}

/** Rejects until the server's worker runs. */
export async function untilFile(folder: string): Promise<void> {
  if (!existsSync(join(folder, 'worker.pid'))) throw new Error('no worker runs')
}
