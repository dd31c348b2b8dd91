/** The committed .proto files, and how each call's input and outcome travel by them. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadSync, type MethodDefinition, type PackageDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import { isRefusal, type Call } from '../contract.ts'
import { pascal, protoPackage } from '../documents/proto.ts'
import { codecOf, type WireMessage } from './grpc-codec.ts'

/** A call's path, and its messages to and from bytes. Throws: naming the field, when a value is not of the contract's kind. */
export interface GrpcMethod {
  readonly path: string
  writeInput(input: unknown): Buffer
  readInput(bytes: Buffer): unknown
  /** The output, or a refusal. */
  writeOutcome(outcome: unknown): Buffer
  readOutcome(bytes: Buffer): unknown
}

type Method = MethodDefinition<object, object, object, object>

/** Reads every .proto of a folder, once. */
export class GrpcProtocol {
  readonly #definitions: PackageDefinition
  readonly #methods = new WeakMap<Call, GrpcMethod>()

  /** Throws: when a file cannot be read. */
  constructor(folder: string) {
    const files = readdirSync(folder).filter((name) => name.endsWith('.proto'))
    // Absent stays absent: the codec tells it from null and from empty.
    this.#definitions = loadSync(
      files.map((name) => join(folder, name)),
      { keepCase: true, longs: Number, arrays: true, defaults: false },
    )
  }

  /** Throws: naming a call that stands in no .proto. */
  methodOf(contract: Call): GrpcMethod {
    let method = this.#methods.get(contract)
    if (!method) {
      method = this.#make(contract)
      this.#methods.set(contract, method)
    }
    return method
  }

  #make(contract: Call): GrpcMethod {
    const { service, name } = contract
    const definition = this.#definitions[`${protoPackage(service)}.${pascal(service)}`] as ServiceDefinition | undefined
    const own = definition?.[name] as Method | undefined
    if (!own) throw new Error(`${service}.${name} stands in no .proto: npm run generate`)
    const input = codecOf(contract.input)
    const output = codecOf(contract.output)
    return {
      path: own.path,
      writeInput: (value) => own.requestSerialize(input.write(value)),
      readInput: (bytes) => input.read(own.requestDeserialize(bytes) as WireMessage),
      writeOutcome: (outcome) =>
        own.responseSerialize(isRefusal(outcome) ? { refusal: writeRefusal(outcome) } : { output: output.write(outcome) }),
      readOutcome: (bytes) => {
        const reply = own.responseDeserialize(bytes) as { output?: WireMessage; refusal?: { code: string; rest: string } }
        if (reply.refusal) return { refused: reply.refusal.code, ...(JSON.parse(reply.refusal.rest) as object) }
        if (reply.output) return output.read(reply.output)
        throw new Error('the reply holds neither output nor refusal')
      },
    }
  }
}

function writeRefusal({ refused, ...rest }: { readonly refused: string }): object {
  return { code: refused, rest: JSON.stringify(rest) }
}
