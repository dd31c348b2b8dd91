import { defineService } from '@stoa/chassis/service.ts'
import { CommitRefused, ReservationExpired, StockChanged, StockCommitted, StockLow, StockReleased } from '@stoa/contracts/inventory.ts'
import { availabilityOf, extendHold, openStock, releaseStock, reservationsOf, reserveStock } from './calls.ts'
import { checks } from './checks.ts'
import {
  commitWhenConfirmed,
  openWhenChanged,
  openWhenCreated,
  releaseWhenCancelled,
  shipWhenShipped,
  takeBackWhenReturned,
} from './consumers.ts'
import { expireHolds } from './jobs.ts'
import { adjustStock, getStock, listMovements, setThreshold } from './routes.ts'

export default defineService({
  name: 'inventory',
  owns: 'Stock on hand and reservations, per SKU and warehouse.',
  routes: [getStock, adjustStock, listMovements, setThreshold],
  calls: [reserveStock, releaseStock, extendHold, openStock, availabilityOf, reservationsOf],
  consumers: [commitWhenConfirmed, releaseWhenCancelled, shipWhenShipped, takeBackWhenReturned, openWhenCreated, openWhenChanged],
  publishes: [StockChanged, StockLow, StockCommitted, StockReleased, ReservationExpired, CommitRefused],
  jobs: [expireHolds],
  checks,
})
