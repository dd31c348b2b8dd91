/** `docs/service-map.md`: what each service owns, and the arrows between them. */
import type { Contracts } from '@stoa/chassis/documents/contracts.ts'
import type { Room } from './services.ts'
import { table } from './table.ts'

/** Writes the map. */
export function serviceMap(rooms: readonly Room[], contracts: Contracts): string {
  const publishers = publishersOf(rooms)
  return `# Service map

Generated from the services' own values by \`npm run generate\`. Each room has a README that says what it promises.

${table(
  ['service', 'owns', 'routes', 'calls offered', 'publishes', 'listens to', 'calls'],
  rooms.map(({ definition, callsOf }) => [
    `[${definition.name}](../services/${definition.name}/README.md)`,
    definition.owns,
    String((definition.routes ?? []).length),
    String((definition.calls ?? []).length),
    list((definition.publishes ?? []).map(({ name }) => name)),
    list((definition.consumers ?? []).map(({ event }) => event.name)),
    list(callsOf.map(({ service, call }) => `${service}.${call}`)),
  ]),
)}

## Events

An arrow goes from the service that publishes to the service that listens, with the topic on it.

\`\`\`mermaid
flowchart LR
${eventArrows(rooms, publishers).join('\n')}
\`\`\`

## Calls

An arrow goes from the service that asks to the service that answers.

\`\`\`mermaid
flowchart LR
${callArrows(rooms).join('\n')}
\`\`\`

## Topics

${table(
  ['topic', 'event', 'key', 'published by', 'says'],
  contracts.events.map(({ contract }) => [
    `\`${contract.topic}\``,
    contract.name,
    contract.key,
    publishers.get(contract.name) ?? '–',
    contract.summary,
  ]),
)}
`
}

function publishersOf(rooms: readonly Room[]): Map<string, string> {
  return new Map(
    rooms.flatMap(({ definition }) => (definition.publishes ?? []).map(({ name }): [string, string] => [name, definition.name])),
  )
}

function eventArrows(rooms: readonly Room[], publishers: ReadonlyMap<string, string>): string[] {
  const nodes = rooms.map(({ definition }) => `  ${definition.name}`)
  const arrows = rooms.flatMap(({ definition }) =>
    (definition.consumers ?? []).flatMap(({ event }) => {
      const from = publishers.get(event.name)
      return from ? [`  ${from} -- ${event.topic} --> ${definition.name}`] : []
    }),
  )
  return [...nodes, ...new Set(arrows)]
}

function callArrows(rooms: readonly Room[]): string[] {
  const nodes = rooms.map(({ definition }) => `  ${definition.name}`)
  return [
    ...nodes,
    ...new Set(rooms.flatMap(({ definition, callsOf }) => callsOf.map(({ service }) => `  ${definition.name} --> ${service}`))),
  ]
}

function list(names: readonly string[]): string {
  return names.length === 0 ? '–' : [...new Set(names)].join(', ')
}
