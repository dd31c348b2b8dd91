import { isRefusal, type Call } from '@stoa/chassis/contract.ts'
import { isTransient } from '@stoa/chassis/fault.ts'
import type { CallFn } from '@stoa/chassis/service.ts'
import { DescribeSkus } from '@stoa/contracts/catalog.ts'
import { AvailabilityOf } from '@stoa/contracts/inventory.ts'
import { PriceItems, type Buyer } from '@stoa/contracts/pricing.ts'
import type { Static } from 'typebox'
import type { Goods } from './domain.ts'

/** Asks catalog, pricing and inventory at once, prices for the buyer. Undefined when pricing is away: without prices there is nothing to show. */
export async function askAbout(call: CallFn, units: ReadonlyMap<string, number>, buyer: Buyer): Promise<Goods | undefined> {
  const skus = [...units.keys()]
  const items = [...units].map(([sku, quantity]) => ({ sku, quantity }))
  const [described, priced, available] = await Promise.all([
    skus.length === 0 ? { items: [] } : askUnlessAway(call, DescribeSkus, { skus, productIds: [] }),
    askUnlessAway(call, PriceItems, { items, ...buyer }),
    askAvailability(call, skus),
  ])
  if (!priced) return undefined
  return {
    asked: units,
    described: described && new Map(described.items.map((facts) => [facts.sku, facts])),
    prices: new Map(
      priced.lines.map((line) => [
        line.sku,
        { unitMinor: line.unitPrice.amount, discountMinor: line.discount.amount, taxMinor: line.tax.amount },
      ]),
    ),
    available,
    taxIncluded: priced.taxIncluded,
    currency: priced.currency,
  }
}

/** Units that can be had now, undefined when inventory is away: then the order decides. */
export async function askAvailability(call: CallFn, skus: readonly string[]): Promise<Map<string, number> | undefined> {
  if (skus.length === 0) return new Map()
  const levels = await askUnlessAway(call, AvailabilityOf, { skus: [...skus] })
  if (!levels) return undefined
  // What inventory does not know cannot be had.
  const units = new Map(skus.map((sku) => [sku, 0]))
  for (const level of levels.items) units.set(level.sku, level.available)
  return units
}

async function askUnlessAway<C extends Call>(
  call: CallFn,
  contract: C,
  input: Static<C['input']>,
): Promise<Static<C['output']> | undefined> {
  try {
    const outcome = await call(contract, input)
    if (isRefusal(outcome)) throw new Error(`${contract.service} refused: ${outcome.refused}`)
    return outcome as Static<C['output']>
  } catch (error) {
    if (isTransient(error)) return undefined
    throw error
  }
}
