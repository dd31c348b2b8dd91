/** What a service needs of those it calls, written down as pacts while its own code asks Pact's mock server for it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { makeConsumerPact, type ConsumerPact, type MatchingResult } from '@pact-foundation/pact-core'
import { expect } from 'vitest'
import { HttpCarrier } from '../../calls/http-carrier.ts'
import { DEADLINE_HEADER } from '../../calls/http-door.ts'
import type { Call } from '../../contract.ts'
import { withTrace } from '../../telemetry/trace.ts'
import { newSecret } from '../carriers.ts'
import { pactFile } from './files.ts'
import { shapeOf, SOME_ID, text, type Matcher } from './shapes.ts'

const host = '127.0.0.1'
const JSON_TYPE = 'application/json'
const SPECIFICATION = 5

/** Neighbours of a room, by `service.Name`. */
export type Played = Readonly<Record<string, (input: never, signal: AbortSignal) => unknown>>

/** One call, and what its caller needs of the answer. */
export type Need = Asked & (Answered | Refused)

interface Asked {
  /** What must be so at the provider, by the names and values of its states. */
  readonly given?: Readonly<Record<string, object>>
  /** The input, as the caller's own code makes it. */
  readonly asks: object
  /** An id of this very run that the answer must repeat; the pact has `SOME_ID` in its place. */
  readonly own?: string
}

interface Answered {
  /** The part of the output that the caller uses. */
  readonly answers: object
}

interface Refused {
  /** The refusal that the caller knows, and what of it it uses. */
  readonly refuses: { readonly refused: Matcher<string>; readonly [field: string]: unknown }
}

interface Active {
  readonly contract: Call
  readonly carrier: HttpCarrier
}

/** The needs of one service. */
export class Needs {
  readonly #consumer: string
  readonly #contracts: readonly Call[]
  readonly #folder = mkdtempSync(join(tmpdir(), 'stoa-pacts-'))
  #active: Active | undefined
  readonly #own: string[] = []
  readonly #unmet = new Set<string>()

  /** `contracts`: every call of other services that it makes. */
  constructor(consumer: string, contracts: readonly Call[]) {
    this.#consumer = consumer
    this.#contracts = contracts
  }

  /** Neighbours for its room: the call whose need is at hand goes out by the real carrier, all others are answered as `played`. */
  neighbours(played: Played = {}): Played {
    const ours = this.#contracts.map((contract): [string, Played[string]] => {
      const name = nameOf(contract)
      return [name, (input, signal) => this.#answer(contract, input, signal, played[name])]
    })
    return { ...played, ...Object.fromEntries(ours) }
  }

  /**
   * Runs `use`, in which the service must make this call just as the need says, and gets the answer it says. Then it stands in the pact,
   * named after the test at hand. Throws: what was asked otherwise, or not asked at all.
   */
  async of(contract: Call, need: Need, use: () => Promise<unknown>): Promise<void> {
    const title = `${contract.name}: ${expect.getState().currentTestName}`
    const pact = makeConsumerPact(this.#consumer, contract.service, SPECIFICATION, 'error')
    write(pact, title, contract, need)
    const port = pact.createMockServer(host)
    const carrier = new HttpCarrier({
      directory: { httpOf: () => [`http://${host}:${port}`], grpcOf: () => [] },
      secret: newSecret(),
    })
    this.#active = { contract, carrier }
    this.#unmet.add(title)
    try {
      const failed = await withTrace(null, use).then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
      const faults = pact.mockServerMismatches(port).filter(matters)
      if (faults.length > 0)
        throw new Error(`${nameOf(contract)} is not asked as the pact says: ${JSON.stringify(faults, null, 2)}`, { cause: failed?.error })
      if (failed) throw failed.error
      pact.writePactFile(this.#folder)
      if (need.own) this.#own.push(need.own)
      this.#unmet.delete(title)
    } finally {
      this.#active = undefined
      await carrier.close()
      pact.cleanupMockServer(port)
    }
  }

  /** Compares the pacts that this run wrote with the committed ones; vitest's `--update` commits them. To be called after the last need. */
  async areCommitted(): Promise<void> {
    if (this.#unmet.size > 0) throw new Error(`the pacts are not whole without ${[...this.#unmet].join(', ')}`)
    for (const provider of new Set(this.#contracts.map(({ service }) => service))) {
      const file = pactFile(this.#consumer, provider)
      const written = withoutVersions(readFileSync(join(this.#folder, basename(file)), 'utf8'))
      const text = this.#own.reduce((before, id) => before.replaceAll(id, SOME_ID), written)
      await expect(text, `run with --update: ${basename(file)}`).toMatchFileSnapshot(file)
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #answer(contract: Call, input: never, signal: AbortSignal, played: Played[string] | undefined): unknown {
    if (this.#active?.contract === contract) return this.#active.carrier.send(contract, input, signal)
    if (!played) throw new Error(`${nameOf(contract)} is asked while the pact is about another call`)
    return played(input, signal)
  }
}

function write(pact: ConsumerPact, title: string, contract: Call, need: Need): void {
  const { given = {}, asks } = need
  const interaction = pact.newInteraction(title)
  for (const [state, params] of Object.entries(given)) interaction.givenWithParams(state, JSON.stringify(params))
  interaction.withRequest('POST', `/calls/${contract.service}/${contract.name}`)
  const headers = {
    authorization: text('^Bearer [\\w-]{43}$', `Bearer ${'-'.repeat(43)}`),
    [DEADLINE_HEADER]: text('^[1-9][0-9]*$', '2000'),
    traceparent: text('^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`),
  }
  for (const [name, value] of Object.entries(headers)) interaction.withRequestHeader(name, 0, JSON.stringify(value))
  interaction.withRequestBody(JSON.stringify(asks), JSON_TYPE)
  interaction.withStatus(200)
  interaction.withResponseBody(
    JSON.stringify('refuses' in need ? { refusal: shapeOf(need.refuses) } : { output: shapeOf(need.answers) }),
    JSON_TYPE,
  )
}

/** The carrier looks after its replicas' health meanwhile. */
function matters(result: MatchingResult): boolean {
  return !('type' in result && result.type === 'request-not-found' && result.path === '/health/serving')
}

/** Without the versions of Pact that wrote it: another version is no other pact. */
function withoutVersions(text: string): string {
  const { metadata, ...pact } = JSON.parse(text) as { metadata: { pactRust: unknown } }
  const { pactRust: _, ...kept } = metadata
  return `${JSON.stringify({ ...pact, metadata: kept }, null, 2)}\n`
}

function nameOf({ service, name }: Call): string {
  return `${service}.${name}`
}
