/** What the operator asks of the whole house: dead letters and the books. */
import { Type } from 'typebox'
import { object, route, staff } from '@stoa/chassis/contract.ts'
import { CheckReport, ParkedKey, ParkedRepair } from '@stoa/chassis/platform.ts'

export const DeadLetter = ParkedKey
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
const Service = Type.String({ maxLength: 60 })
const Reason = Type.String({ minLength: 3, maxLength: 1000, pattern: '\\S' })
/** One parked event, as `GET /dead-letters` showed it. */
const ParkedEvent = {
  service: Service,
  stream: Type.String({ maxLength: 200 }),
  partition: Type.Integer({ minimum: 0, maximum: 32_767 }),
  seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  revision: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
  reason: Reason,
}
export const RepairDeadLetter = route('POST /dead-letters/repair', {
  summary:
    'Changes the data of one parked event to what its contract takes; the key stays. `revision` is the one that was seen: 412 `stale` when somebody was quicker. Replay goes on with the new data.',
  permission: staff('dead-letters:write', 'admin'),
  class: 'staff',
  body: object({ ...ParkedEvent, data: Type.Record(Type.String({ maxLength: 200 }), Type.Unknown()) }),
  output: object({ revision: Type.Integer() }),
  refusals: { 'not-found': 404, stale: 412, 'not-repairable': 409, 'invalid-request': 422 },
})
export const DropDeadLetter = route('POST /dead-letters/drop', {
  summary:
    'Takes one parked event away for good; those behind it are replayed as if it had never been. What it was stays among the repairs.',
  permission: staff('dead-letters:write', 'admin'),
  class: 'staff',
  body: object(ParkedEvent),
  output: object({ left: Type.Integer() }),
  refusals: { 'not-found': 404, stale: 412 },
})
export const DeadLetterRepair = ParkedRepair
export const ListRepairs = route('GET /dead-letters/repairs', {
  summary: 'What was changed in parked events or dropped: by whom, when, why, and the data before and after. Newest first.',
  permission: staff('dead-letters:read', 'admin'),
  class: 'staff',
  query: object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) }),
  output: object({ items: Type.Array(DeadLetterRepair), away: Type.Array(Type.String()) }),
})
export const BookReport = object({
  ok: Type.Boolean(),
  checks: Type.Array(CheckReport),
})
export const CheckBooks = route('POST /books/check', {
  summary: 'Checks the books of the running shop, as `npm run doctor` does.',
  permission: staff('books:check', 'admin'),
  class: 'staff',
  body: object({ waitSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 25 })) }),
  output: BookReport,
})
