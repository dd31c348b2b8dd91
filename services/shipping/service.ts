import { defineService } from '@stoa/chassis/service.ts'
import { ShopCountry } from '@stoa/chassis/settings.ts'
import { ShippingUpdated } from '@stoa/contracts/shipping.ts'
import { createShipment, markDelivered, shipmentsOf, shippingRates } from './calls.ts'
import { parcelsFollowOrders, shipmentsTellTheirState } from './checks.ts'
import { closeDelivered, sendShipped, stopCancelled } from './consumers.ts'
import { calculateShipping, trackShipment } from './routes.ts'

export default defineService({
  name: 'shipping',
  owns: 'Shipping rates, shipments and where they are.',
  routes: [calculateShipping, trackShipment],
  calls: [shippingRates, createShipment, markDelivered, shipmentsOf],
  consumers: [sendShipped, closeDelivered, stopCancelled],
  publishes: [ShippingUpdated],
  checks: [shipmentsTellTheirState, parcelsFollowOrders],
  settings: [ShopCountry],
})
