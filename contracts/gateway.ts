/** What the operator asks of the whole house: dead letters and the books. */
import { Type } from 'typebox'
import { object, route, staff } from '@stoa/chassis/contract.ts'

export const DeadLetter = object({
  service: Type.String(),
  stream: Type.String(),
  key: Type.String(),
  events: Type.Array(
    object({
      partition: Type.Integer(),
      seq: Type.Integer(),
      type: Type.String(),
      data: Type.Unknown(),
      error: Type.String(),
      parkedAt: Type.String(),
    }),
  ),
})
export const ListDeadLetters = route('GET /dead-letters', {
  summary: 'Parked events by service, stream and key, each key’s events in order.',
  permission: staff('dead-letters:read', 'admin'),
  class: 'staff',
  query: object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) }),
  /** `away` names services that could not be asked. */
  output: object({ items: Type.Array(DeadLetter), away: Type.Array(Type.String()) }),
})
export const ReplayDeadLetter = route('POST /dead-letters/replay', {
  summary: 'Applies a parked key’s events again, in order; stops at the first that still fails.',
  permission: staff('dead-letters:write', 'admin'),
  class: 'staff',
  body: object({ service: Type.String({ maxLength: 60 }), stream: Type.String({ maxLength: 200 }), key: Type.String({ maxLength: 200 }) }),
  output: object({ applied: Type.Integer(), left: Type.Integer() }),
  refusals: { 'not-found': 404 },
})
export const BookReport = object({
  ok: Type.Boolean(),
  checks: Type.Array(
    object({
      name: Type.String(),
      ok: Type.Boolean(),
      examined: Type.Integer(),
      broken: Type.Integer(),
      examples: Type.Array(Type.String()),
    }),
  ),
})
export const CheckBooks = route('POST /books/check', {
  summary: 'Checks the books of the running shop, as `npm run doctor` does.',
  permission: staff('books:check', 'admin'),
  class: 'staff',
  body: object({ waitSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 25 })) }),
  output: BookReport,
})
