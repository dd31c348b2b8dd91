/** Money is an integer of minor units and an ISO 4217 code; never a float. */
export interface Money {
  readonly amount: number
  readonly currency: string
}

/** Makes money. Throws: when `amount` is not a safe integer. */
export function money(amount: number, currency: string): Money {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`${amount} is not a whole number of minor units`)
  return { amount, currency }
}

/** Adds amounts of one currency. Throws: when currencies differ. `currency` is needed for the empty sum. */
export function sum(amounts: readonly Money[], currency: string): Money {
  return money(
    amounts.reduce((total, one) => total + amountIn(one, currency), 0),
    currency,
  )
}

/** The amount of `value`. Throws: when it is not in `currency`. */
export function amountIn(value: Money, currency: string): number {
  if (value.currency !== currency) throw new RangeError(`${value.currency} where ${currency} is expected`)
  return value.amount
}

/**
 * `amount × numerator / denominator`, rounded half to even, in exact integer arithmetic.
 * Units: minor units. Source: IEEE 754 roundTiesToEven, the rule of `api.md` for tax.
 */
export function shareHalfEven(amount: number, numerator: number, denominator: number): number {
  if (denominator <= 0) throw new RangeError('denominator must be positive')
  const product = BigInt(amount) * BigInt(numerator)
  const divisor = BigInt(denominator)
  const quotient = product / divisor
  const doubled = 2n * (product < 0n ? -(product % divisor) : product % divisor)
  const away = product < 0n ? -1n : 1n
  const rounded = doubled > divisor || (doubled === divisor && quotient % 2n !== 0n) ? quotient + away : quotient
  return Number(rounded)
}
