/** Whether a service at work keeps the pacts that others have with it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setLogLevel, Verifier } from '@pact-foundation/pact-core'
import type { CallTarget } from '../../calls/carrier.ts'
import { passOf } from '../../calls/pass.ts'
import type { Call } from '../../contract.ts'
import { grpcWay, httpWay } from '../carriers.ts'
import { pactFile } from './files.ts'
import type { Room } from '../room.ts'

const host = '127.0.0.1'
const VERIFY_MS_MAX = 20_000

setLogLevel('error')

/** Brings a service into each state that pacts give; what it answers fills in what is asked there. */
export type States = Readonly<Record<string, (params: never) => Promise<unknown>>>

/** What the verifier asks of the door for states. */
interface Wanted {
  readonly action: 'setup' | 'teardown'
  readonly state?: string
  readonly params: unknown
}

export interface Keeper {
  /** Verifies the pact with a consumer. Throws: what is not kept. */
  keeps(consumer: string): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the doors of a room's service. Pact asks over HTTP, as its files say; where the contract says gRPC, the question goes on through
 * the carrier and the door for that, so that a message which they cannot carry whole breaks the pact too.
 */
export async function openKeeper(room: Room, provider: string, states: States): Promise<Keeper> {
  const service = room.house.services.get(provider)
  if (!service) throw new Error(`no service '${provider}' in this room`)
  const contracts = (service.definition.calls ?? []).map(({ contract }) => contract as Call)
  const answer: CallTarget = (name, input, signal) => service.answerCall(name, input, signal)
  const byGrpc = new Map(contracts.filter(({ over }) => over === 'grpc').map((contract) => [contract.name, contract]))
  const grpc = grpcWay([...byGrpc.values()])
  const caller = grpc.caller(byGrpc.size === 0 ? [] : [(await grpc.serve([...byGrpc.values()], answer)).port])
  const http = httpWay()
  const door = await http.serve(contracts, (name, input, signal) => {
    const contract = byGrpc.get(name)
    return contract ? caller.send(contract, input, signal) : answer(name, input, signal)
  })
  const setUp = await openStates(states)
  return {
    keeps: async (consumer) => {
      const verifier = new Verifier({
        provider,
        providerBaseUrl: `http://${host}:${door.port}`,
        providerStatesSetupUrl: setUp.address,
        pactUrls: [pactFile(consumer, provider)],
        customProviderHeaders: { authorization: passOf(http.secret).header },
        timeout: VERIFY_MS_MAX,
        logLevel: 'error',
      })
      await verifier.verify().catch((error: unknown) => {
        throw new Error([`${provider} does not keep its pact with ${consumer}`, ...setUp.failures.splice(0), outputOf(error)].join('\n'))
      })
    },
    close: async () => {
      await setUp.close()
      await http.end()
      await grpc.end()
    },
  }
}

/** The door at which the verifier asks for states. */
async function openStates(states: States) {
  const failures: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      try {
        const values = await enter(states, JSON.parse(Buffer.concat(chunks).toString()) as Wanted)
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(values))
      } catch (error) {
        failures.push(String(error))
        response.writeHead(500).end()
      }
    })
  })
  await new Promise<void>((done) => server.listen(0, host, done))
  return {
    address: `http://${host}:${(server.address() as AddressInfo).port}`,
    failures,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Values for what is asked in this state. A question for which nothing was given comes with a state without a name. */
async function enter(states: States, { action, state, params }: Wanted): Promise<object> {
  if (action !== 'setup' || !state) return {}
  const bring = states[state]
  if (!bring) throw new Error(`the state '${state}' cannot be brought about here`)
  return { ...((await bring(params as never)) as object | undefined) }
}

function outputOf(error: unknown): string {
  const { message } = error as Error
  try {
    return (JSON.parse(message) as { output: string[] }).output.join('\n')
  } catch {
    return message
  }
}
