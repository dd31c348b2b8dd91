/** A shop of many processes over PostgreSQL alone, each started as an operator starts it: no Kafka, no Redis, no supervisor. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Wire } from '@stoa/chassis/testing/wire.ts'
import { logIn } from './client.ts'
import { startGivenPostgres, type GivenPostgres } from './given-postgres.ts'
import { startServices, type ShopProcess } from './processes.ts'
import { freePort, type BookCheck } from './shop.ts'

/** Services that run in one process, in some replicas. */
export interface Group {
  readonly services: readonly string[]
  readonly replicas?: number
  /** Others reach it through wires, which a test may freeze. */
  readonly wired?: boolean
}

export interface Member {
  readonly env: Readonly<Record<string, string>>
  readonly services: readonly string[]
  process: ShopProcess
}

const BOSS = { email: 'boss@shop.example', password: 'nine tall columns 7' }

export class ProcessShop {
  readonly origin: string
  readonly given: GivenPostgres
  /** Of each group, its replicas. */
  readonly members: Member[][] = []
  /** Of each group, the wires to its replicas. */
  readonly wires: Wire[][] = []
  readonly #folder: string

  private constructor(given: GivenPostgres, origin: string, folder: string) {
    this.given = given
    this.origin = origin
    this.#folder = folder
  }

  /** Starts all groups at once; the first has the gateway, and its first replica is the shop's address. */
  static async open(groups: readonly Group[]): Promise<ProcessShop> {
    const folder = mkdtempSync(join(tmpdir(), 'stoa-processes-'))
    writeFileSync(join(folder, 'root.key'), randomBytes(32).toString('base64'))
    const places = await Promise.all(
      groups.map(({ replicas = 1 }) =>
        Promise.all(Array.from({ length: replicas }, async () => ({ http: await freePort(), grpc: await freePort() }))),
      ),
    )
    const shop = new ProcessShop(await startGivenPostgres(), `http://127.0.0.1:${places[0]?.[0]?.http}`, folder)
    try {
      await shop.#start(groups, places)
      return shop
    } catch (error) {
      await shop.stop()
      throw error
    }
  }

  async boss(): Promise<string> {
    return (await logIn(this.origin, BOSS.email, BOSS.password)).token
  }

  /** Starts a member again where it was. */
  async startAgain(member: Member): Promise<void> {
    member.process = await startServices(member.services, member.env)
  }

  /** `npm run doctor -- --at` the gateway. */
  async checks(): Promise<BookCheck[]> {
    const launcher = join(resolve(import.meta.dirname, '../..'), 'cli/launch.mjs')
    const child = spawn(process.execPath, [launcher, 'doctor', '--json', '--wait', '60', '--at', this.origin], {
      env: { ...process.env, STOA_ROOT_KEY_FILE: join(this.#folder, 'root.key') },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    await new Promise((done) => child.once('exit', done))
    return (JSON.parse(out) as { checks: BookCheck[] }).checks
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.flat().map((one) => one.process.stop()))
    await Promise.all(this.wires.flat().map((wire) => wire.cut()))
    await this.given.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #start(groups: readonly Group[], places: readonly (readonly { http: number; grpc: number }[])[]): Promise<void> {
    const shared = {
      STOA_DEMO: 'off',
      STOA_ADMIN_EMAIL: BOSS.email,
      STOA_ADMIN_PASSWORD: BOSS.password,
      STOA_ORIGIN: this.origin,
      STOA_DATA_DIR: this.#folder,
      STOA_DATABASE_URL: this.given.url,
      STOA_TRUSTED_PROXIES: '127.0.0.1',
    }
    const addresses: Record<string, string> = {}
    for (const [index, { services, wired = false }] of groups.entries()) {
      const here = places[index] ?? []
      const wires = wired ? await Promise.all(here.map(({ grpc }) => Wire.to(grpc))) : []
      this.wires.push(wires)
      for (const service of services) {
        const name = service.toUpperCase()
        addresses[`STOA_ADDRESS_${name}`] = here.map(({ http }) => `http://127.0.0.1:${http}`).join(',')
        addresses[`STOA_GRPC_ADDRESS_${name}`] = here.map(({ grpc }, replica) => `127.0.0.1:${wires[replica]?.port ?? grpc}`).join(',')
      }
    }
    const started = await Promise.all(
      groups.map(({ services }, index) =>
        Promise.all(
          (places[index] ?? []).map(async ({ http, grpc }): Promise<Member> => {
            const env = { ...shared, ...addresses, STOA_PORT: String(http), STOA_GRPC_PORT: String(grpc) }
            return { env, services, process: await startServices(services, env) }
          }),
        ),
      ),
    )
    this.members.push(...started)
  }
}
