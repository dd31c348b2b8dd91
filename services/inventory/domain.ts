/** Decisions about stock: plain data in, plain data out. */
import { refuse, type Refusal } from '@stoa/chassis/contract.ts'

/** Stock of a SKU in one warehouse. Units: pieces. */
export interface StockLevel {
  readonly sku: string
  readonly warehouse: string
  readonly productId: string
  readonly onHandUnits: number
  readonly reservedUnits: number
  readonly thresholdUnits: number
  readonly version: number
}

export interface OrderLine {
  readonly sku: string
  readonly quantityUnits: number
}

/** Units of a SKU held in one warehouse for an order. */
export interface Allocation {
  readonly sku: string
  readonly warehouse: string
  readonly units: number
}

/** An order that asks for stock. */
export interface ReserveRequest {
  readonly orderId: string
  readonly lines: readonly OrderLine[]
  readonly holdSeconds: number
}

export type ReserveRefusal = Refusal<'insufficient-stock'> | Refusal<'unknown-sku'>

/** What a batch of requests comes to: an allocation or a refusal for each, in order. */
export interface BatchDecision {
  readonly outcomes: readonly (readonly Allocation[] | ReserveRefusal)[]
  /** Units to add to `reserved`, per SKU and warehouse. */
  readonly held: readonly Allocation[]
}

/** A hold lasts this long unless the order says otherwise. Source: api.md, "Stock". */
export const HOLD_SECONDS = 15 * 60

/** Units that can still be reserved at a level. */
export function availableUnits(level: Pick<StockLevel, 'onHandUnits' | 'reservedUnits'>): number {
  return level.onHandUnits - level.reservedUnits
}

/** Whether what is available is few: below the SKU's threshold. A threshold of 0 is never undercut. */
export function isLow(available: number, thresholdUnits: number): boolean {
  return available < thresholdUnits
}

/**
 * Decides which of the requests may hold stock, in order of arrival; each gets all its lines or none.
 * `levels` are locked rows; a SKU without any is unknown.
 * Refuses (each request by itself): `unknown-sku`, `insufficient-stock` (naming every line that falls short).
 */
export function reserve(levels: readonly StockLevel[], requests: readonly Pick<ReserveRequest, 'lines'>[]): BatchDecision {
  const free = new Map<string, Map<string, number>>()
  for (const level of levels) {
    const warehouses = free.get(level.sku) ?? new Map<string, number>()
    warehouses.set(level.warehouse, availableUnits(level))
    free.set(level.sku, warehouses)
  }
  const held = new Map<string, Allocation>()
  const outcomes = requests.map(({ lines }) => {
    const wanted = unitsBySku(lines)
    const refusal = refusalOf(wanted, free)
    if (refusal) return refusal
    const allocations = [...wanted].flatMap(([sku, units]) => allocate(sku, units, free.get(sku) as Map<string, number>))
    for (const one of allocations) {
      const key = `${one.sku}\0${one.warehouse}`
      held.set(key, { ...one, units: (held.get(key)?.units ?? 0) + one.units })
    }
    return allocations
  })
  return { outcomes, held: [...held.values()] }
}

function refusalOf(
  wanted: ReadonlyMap<string, number>,
  free: ReadonlyMap<string, ReadonlyMap<string, number>>,
): ReserveRefusal | undefined {
  const unknown = [...wanted.keys()].filter((sku) => !free.has(sku))
  if (unknown.length > 0) return refuse('unknown-sku', { detail: `Nothing is known of ${unknown.join(', ')}.`, skus: unknown })
  const short = [...wanted]
    .map(([sku, units]) => ({ sku, units, availableUnits: totalOf(free.get(sku)) }))
    .filter((line) => line.units > line.availableUnits)
  if (short.length === 0) return undefined
  return refuse('insufficient-stock', {
    detail: short.map((line) => `${line.sku}: ${line.units} wanted, ${line.availableUnits} left.`).join(' '),
    lines: short.map(({ sku, availableUnits: left }) => ({ sku, availableUnits: left })),
    availableUnits: short[0]?.availableUnits ?? 0,
  })
}

/** One SKU may stand on two lines: what counts is their sum. */
export function unitsBySku(lines: readonly OrderLine[]): Map<string, number> {
  const units = new Map<string, number>()
  for (const line of lines) units.set(line.sku, (units.get(line.sku) ?? 0) + line.quantityUnits)
  return units
}

/** Takes units from the warehouse that can give all of them, else from the fullest ones. Changes `warehouses`. */
function allocate(sku: string, units: number, warehouses: Map<string, number>): Allocation[] {
  const byStock = [...warehouses].filter(([, available]) => available > 0).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
  const whole = byStock.findLast(([, available]) => available >= units)
  const allocations: Allocation[] = []
  let left = units
  for (const [warehouse, available] of whole ? [whole] : byStock) {
    const taken = Math.min(left, available)
    if (taken === 0) break
    warehouses.set(warehouse, available - taken)
    allocations.push({ sku, warehouse, units: taken })
    left -= taken
  }
  return allocations
}

function totalOf(warehouses: ReadonlyMap<string, number> | undefined): number {
  return [...(warehouses?.values() ?? [])].reduce((sum, units) => sum + units, 0)
}

/** The new count on hand after a manual correction. Refuses: `insufficient-stock`, when fewer would be left than orders hold. */
export function adjust(
  level: Pick<StockLevel, 'onHandUnits' | 'reservedUnits'>,
  change: { delta: number } | { setTo: number },
): { onHandUnits: number; deltaUnits: number } | Refusal<'insufficient-stock'> {
  const onHandUnits = 'delta' in change ? level.onHandUnits + change.delta : change.setTo
  if (onHandUnits < level.reservedUnits)
    return refuse('insufficient-stock', {
      detail: `${level.reservedUnits} units are held for orders; ${availableUnits(level)} can be taken.`,
      availableUnits: availableUnits(level),
    })
  return { onHandUnits, deltaUnits: onHandUnits - level.onHandUnits }
}
