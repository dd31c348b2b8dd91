/** `contracts/generated/avro/`: the Avro schema of every event, as its topic carries it. Schemas of earlier versions stay. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contracts } from '@stoa/chassis/documents/contracts.ts'
import { avroSchemaOf, type AvroSchema } from '@stoa/chassis/kafka/avro.ts'
import { incompatibility } from '@stoa/chassis/kafka/avro-compatibility.ts'

const FOLDER = 'contracts/generated/avro'

type Events = Pick<Contracts, 'events'>

/** Texts by path. Throws: when two events would have one file. */
export function avroFiles({ events }: Events): Map<string, string> {
  const files = new Map<string, string>()
  for (const { contract } of events) {
    const path = `${FOLDER}/${contract.name}.v${contract.version}.avsc`
    if (files.has(path)) throw new Error(`two events are called ${contract.name}: name one of them otherwise`)
    files.set(path, `${JSON.stringify(avroSchemaOf(contract), null, 1)}\n`)
  }
  return files
}

/** Events that changed in a way that old readers or new ones could not read, one line for each. */
export function refusedChanges(root: string, { events }: Events): string[] {
  return events.flatMap(({ contract }) => {
    const path = `${FOLDER}/${contract.name}.v${contract.version}.avsc`
    if (!existsSync(join(root, path))) return []
    const committed = JSON.parse(readFileSync(join(root, path), 'utf8')) as AvroSchema
    const problem = incompatibility(committed, avroSchemaOf(contract))
    if (problem === undefined) return []
    return [
      `${path}:1 event-compatibility ${contract.name} v${contract.version}: ${problem}. Give the event a new version (${contract.version + 1}).`,
    ]
  })
}
