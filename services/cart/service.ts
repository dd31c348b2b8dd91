import { defineService } from '@stoa/chassis/service.ts'
import { CartChanged } from '@stoa/contracts/cart.ts'
import { cartOf, refillCart, takeOrderedLines } from './calls.ts'
import { mergedCartsAreEmpty, onlyOrdersTake } from './checks.ts'
import { giveBackDeclined, takeWithOrder } from './consumers.ts'
import { expireCarts } from './jobs.ts'
import { addCartItem, changeCartItem, getCart, removeCartItem } from './routes.ts'

export default defineService({
  name: 'cart',
  owns: 'Carts of guests and accounts.',
  routes: [getCart, addCartItem, changeCartItem, removeCartItem],
  calls: [cartOf, refillCart, takeOrderedLines],
  consumers: [takeWithOrder, giveBackDeclined],
  publishes: [CartChanged],
  jobs: [expireCarts],
  checks: [mergedCartsAreEmpty, onlyOrdersTake],
})
