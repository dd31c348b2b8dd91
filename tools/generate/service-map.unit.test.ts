import { event, object, route, staff } from '@stoa/chassis/contract.ts'
import { contractsOf } from '@stoa/chassis/documents/contracts.ts'
import { on } from '@stoa/chassis/service.ts'
import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { permissionsMatrix } from './permissions.ts'
import { serviceMap } from './service-map.ts'
import type { Room } from './services.ts'

const Wished = event('Wished', {
  summary: 'Somebody wished.',
  topic: 'wish.events',
  version: 1,
  key: 'id',
  data: object({ id: Type.String() }),
})
const Wish = route('POST /wishes', {
  summary: 'Wishes.',
  permission: staff('wishes:write', 'pos'),
  class: 'cart',
  output: object({}),
  demoOnly: true,
})
const contracts = contractsOf(new Map([['wishlist', { Wished, Wish }]]))
const rooms: Room[] = [
  {
    definition: { name: 'notifications', owns: 'Messages.', consumers: [on(Wished, async () => {})] },
    callsOf: [{ service: 'wishlist', call: 'Describe' }],
  },
  { definition: { name: 'wishlist', owns: 'Wishes | dreams.', publishes: [Wished] }, callsOf: [] },
]

describe('serviceMap', () => {
  const map = serviceMap(rooms, contracts)

  test('draws an arrow from the publisher to the listener, with the topic', () => {
    expect(map).toContain('  wishlist -- wish.events --> notifications')
  })

  test('draws an arrow from the caller to the called', () => {
    expect(map).toContain('  notifications --> wishlist')
  })

  test('when a sentence holds a bar, keeps the table whole', () => {
    expect(map).toContain('| [wishlist](../services/wishlist/README.md) | Wishes \\| dreams. | 0 | 0 | Wished | – | – |')
  })
})

describe('permissionsMatrix', () => {
  test('ticks exactly the roles that hold the permission', () => {
    expect(permissionsMatrix(contracts)).toContain('| `POST /wishes` (demo only) | wishlist | `wishes:write` |  |  |  |  |  | ✓ |')
  })
})
