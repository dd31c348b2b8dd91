import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isRunning } from '@stoa/chassis/database/postmaster.ts'
import { madeOnce, runToEnd } from './cache.ts'
import { redisProgram } from './debian.ts'
import { mavenFolder } from './maven.ts'
import { assertFree, freePort, HeldPorts, keptPorts, setAside } from './ports.ts'
import { assertPrerequisites } from './prerequisites.ts'
import { startServer } from './server.ts'
import { deafServer, untilFile } from './testing/deaf-server.ts'
import type { ParentWord } from './testing/parent.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stoa-servers-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const start = (way?: string) => startServer({ ...deafServer(folder, way), ready: () => untilFile(folder) })
const worker = () => Number(readFileSync(join(folder, 'worker.pid'), 'utf8'))

async function untilEnded(...pids: number[]): Promise<void> {
  const until = Date.now() + 15_000
  while (pids.some(isRunning)) {
    if (Date.now() > until) throw new Error(`of ${pids.join(', ')} some still run`)
    await sleep(20)
  }
}

/** A shop of its own with one server, and the pid of its keeper. */
async function startParent() {
  const parent = fork(join(import.meta.dirname, 'testing/parent.ts'), [folder], { execArgv: [], env: { PATH: process.env.PATH } })
  const [{ server }] = (await once(parent, 'message')) as [ParentWord]
  const stat = readFileSync(`/proc/${server}/stat`, 'utf8')
  const keeper = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  const kill = async () => {
    const exit = once(parent, 'exit')
    parent.kill('SIGKILL')
    await exit
  }
  return { server, keeper, kill }
}

describe('a server beside the shop', () => {
  test('when it is stopped, it and its workers end, and nothing of it is left running', async () => {
    const server = await start()
    const pids = [server.pid, worker()]
    expect(pids.every(isRunning)).toBe(true)
    await server.stop()
    await server.exited
    await untilEnded(...pids)
    await server.stop()
    expect(existsSync(join(folder, 'deaf.pid'))).toBe(false)
  })

  test('when somebody kills it, that is told, and its workers do not hold the port', async () => {
    const server = await start()
    process.kill(server.pid, 'SIGKILL')
    await server.exited
    await untilEnded(server.pid, worker())
  })

  test('when it does not end on request, it is killed after ten seconds', async () => {
    const server = await start('stubborn')
    const began = Date.now()
    await server.stop()
    expect(Date.now() - began).toBeGreaterThan(9000)
    await untilEnded(server.pid, worker())
  })

  test('when the shop is killed, the server ends too', async () => {
    const parent = await startParent()
    await parent.kill()
    await untilEnded(parent.server, parent.keeper, worker())
  })

  test('when its keeper is killed, it is ended, for nobody would end it after the shop', async () => {
    const parent = await startParent()
    process.kill(parent.keeper, 'SIGKILL')
    await untilEnded(parent.server, worker())
    await parent.kill()
  })

  test('when shop and keeper are killed at once, the next start on the folder ends what is left', async () => {
    const parent = await startParent()
    process.kill(parent.keeper, 'SIGSTOP')
    await parent.kill()
    process.kill(parent.keeper, 'SIGKILL')
    await untilEnded(parent.keeper)
    expect(isRunning(parent.server)).toBe(true)
    const left = worker()
    const server = await start()
    await untilEnded(parent.server, left)
    await server.stop()
  })

  test('when it ends instead of answering, the error holds what it said', async () => {
    await expect(start('broken')).rejects.toThrow(/deaf did not start: it ended\nno such setting: colour/)
  })

  test('when the program is not there, the error says so', async () => {
    const plan = { ...deafServer(folder), program: { path: join(folder, 'absent'), env: {} }, ready: async () => {} }
    await expect(startServer(plan)).rejects.toThrow(/ENOENT/)
  })
})

describe('ports', () => {
  test('are the same the next time, differ from each other, and a given one replaces the kept one', async () => {
    const file = join(folder, 'kept/ports.json')
    const first = await keptPorts(file, ['a', 'b'])
    expect(new Set(first).size).toBe(2)
    expect(await keptPorts(file, ['a', 'b'])).toEqual(first)
    expect(await keptPorts(file, ['a', 'b'], { b: 20_001 })).toEqual([first[0], 20_001])
    expect(await keptPorts(file, ['b'])).toEqual([20_001])
  })

  test('when one is taken, the error names it and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await expect(assertFree('redis', port, '127.0.0.1', 'ports.json')).rejects.toThrow(
      `port ${port} of redis is taken: end the program that has it, or delete ports.json, for other ports`,
    )
    other.close()
  })
})

describe('held ports', () => {
  const holders = [new HeldPorts(), new HeldPorts()] as const
  const take = async (holder: HeldPorts, count: number) => {
    const taken: number[] = []
    while (taken.length < count) taken.push(await holder.next())
    return taken
  }
  afterEach(() => Promise.all(holders.map((one) => one.release())))

  test('are nobody else’s while they are held, though nobody listens there', async () => {
    const [first, second] = await Promise.all(holders.map((one) => take(one, 250)))
    const held = [...(first ?? []), ...(second ?? [])]
    expect(new Set(held).size).toBe(500)
    const kept = await keptPorts(
      join(folder, 'ports.json'),
      Array.from({ length: 500 }, (_, index) => `server-${index}`),
    )
    expect(kept.filter((port) => held.includes(port))).toEqual([])
  })

  test('leave out those that somebody who starts later is going to listen on, as whoever asks for a single one does', async () => {
    const odd = Array.from({ length: 6000 }, (_, index) => 20_001 + 2 * index)
    const held = new HeldPorts(odd)
    try {
      expect((await take(held, 60)).filter((port) => odd.includes(port))).toEqual([])
    } finally {
      await held.release()
    }
    for (const port of odd) setAside(port)
    const free = await Promise.all(Array.from({ length: 20 }, () => freePort('127.0.0.1')))
    expect(free.filter((port) => odd.includes(port))).toEqual([])
  })

  test('leave out one on which somebody listens', async () => {
    const [port = 0] = await take(holders[0], 1)
    const other = createServer().listen(port + 1, '127.0.0.1')
    await once(other, 'listening')
    expect(await take(holders[0], 2)).toEqual([port + 2, port + 3])
    other.close()
  })
})

describe('the cache', () => {
  test('when making breaks off, nothing is left that looks whole; two makers at once do no harm', async () => {
    const made = join(folder, 'cache/thing')
    const broken = madeOnce(made, async (draft) => {
      writeFileSync(join(draft, 'half'), '')
      throw new Error('the line was cut')
    })
    await expect(broken).rejects.toThrow('the line was cut')
    expect(readdirSync(join(folder, 'cache'))).toEqual([])
    const make = async (draft: string) => {
      await sleep(20)
      writeFileSync(join(draft, 'whole'), '')
    }
    expect(await Promise.all([madeOnce(made, make), madeOnce(made, make)])).toEqual([made, made])
    expect(readdirSync(join(folder, 'cache'))).toEqual(['thing'])
    expect(readdirSync(made)).toEqual(['whole'])
  })

  test('a program that hangs is ended, and its words are in the error', async () => {
    const hang = runToEnd(process.execPath, ['-e', 'console.log("halfway"); setInterval(() => {}, 1000)'], { seconds: 1 })
    await expect(hang).rejects.toThrow(/ended with a signal, after at most 1 s: halfway/)
  })
})

describe('on a machine that lacks something', () => {
  test('without Java, Maven and apt-get, one error names all of them and what to do', async () => {
    vi.stubEnv('PATH', folder)
    vi.stubEnv('JAVA_HOME', join(folder, 'no-java'))
    const error = await assertPrerequisites(folder).catch((thrown: Error) => thrown.message)
    expect(error).toContain('missing on this machine:\n- Java, for Kafka, the schema registry and OpenSearch: install 17 or newer')
    expect(error).toContain('- Maven, which fetches Kafka, the schema registry and OpenSearch: install it (Debian: maven)')
    expect(String(error).match(/Maven/g)).toHaveLength(1)
  })

  test('a Maven that fails is quoted, and leaves nothing behind', async () => {
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/mvn'), '#!/bin/sh\necho "[ERROR] no route to the repository"\nexit 1\n', { mode: 0o755 })
    vi.stubEnv('PATH', `${join(folder, 'bin')}:/bin`)
    const order = { name: 'thing', artifacts: [{ group: 'g', name: 'a', version: '1' }], as: 'jars' } as const
    await expect(mavenFolder(join(folder, 'cache'), order)).rejects.toThrow(/no route to the repository/)
    expect(readdirSync(join(folder, 'cache'))).toEqual([])
  })

  test("the system's own program is used when it is new enough", async () => {
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/redis-server'), '#!/bin/sh\necho Redis server v=7.2.4 sha=00000000:0\n', { mode: 0o755 })
    vi.stubEnv('PATH', `${join(folder, 'bin')}:/bin`)
    expect(await redisProgram(join(folder, 'cache'))).toEqual({ path: join(folder, 'bin/redis-server'), env: {} })
  })
})
