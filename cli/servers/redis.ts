/** Redis as a cache beside the shop: what it holds may be lost at any time. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:net'
import { redisProgram } from './debian.ts'
import { assertFree, keptPort } from './ports.ts'
import { startServer, type RunningServer } from './server.ts'

const MEMORY_MAX = '64mb'

/**
 * Commands by which whoever reaches the port could make the server write files as our user, or end it. The shop uses none of them.
 */
const COMMANDS_OFF = ['CONFIG', 'MODULE', 'DEBUG', 'REPLICAOF', 'SLAVEOF', 'MIGRATE', 'SAVE', 'BGSAVE', 'BGREWRITEAOF', 'SHUTDOWN']

/** The text of redis.conf. */
export function redisConf(port: number): string {
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    'daemonize no',
    'save ""',
    'appendonly no',
    `maxmemory ${MEMORY_MAX}`,
    'maxmemory-policy allkeys-lru',
    'tcp-keepalive 60',
    ...COMMANDS_OFF.map((name) => `rename-command ${name} ""`),
  ]
  return `${settings.join('\n')}\n`
}

/** Starts Redis without persistence; the least recently used keys go when it is full. */
export async function startRedis(options: {
  readonly cacheDir: string
  readonly dataDir: string
  readonly port?: number
}): Promise<RunningServer & { readonly url: string }> {
  const folder = join(options.dataDir, 'redis')
  const program = await redisProgram(options.cacheDir)
  const { port, file } = await keptPort(folder, 'redis', options.port)
  writeFileSync(join(folder, 'redis.conf'), redisConf(port))
  const before = () => assertFree('redis', port, '127.0.0.1', file)
  const server = await startServer({ name: 'redis', program, args: ['redis.conf'], folder, before, ready: (signal) => ping(port, signal) })
  return { ...server, url: `redis://127.0.0.1:${port}` }
}

/** One PING; rejects unless PONG comes back. */
function ping(port: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect({ port, host: '127.0.0.1', signal })
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      if (data.toString().startsWith('+PONG')) done()
      else fail(new Error(`PING was answered by ${data.toString().trim()}`))
    })
    socket.once('error', fail)
    socket.once('close', () => fail(new Error('the connection was closed')))
  })
}
