import { Refusal } from './http.ts'
import type { Call } from './http.ts'

const AMOUNT_MINOR_MAX = 1e12

export function limitOf(query: URLSearchParams, most: number): number {
  const limit = Number(query.get('limit') ?? 100)
  if (!Number.isInteger(limit) || limit < 1 || limit > most) throw invalid(`limit is a whole number from 1 to ${most}.`)
  return limit
}

export function cursorOf(query: URLSearchParams, name: string): number | null {
  const given = query.get(name)
  if (given === null) return null
  if (!/^\d{1,15}$/.test(given)) throw invalid(`${name} is a cursor from an earlier answer, or 0.`)
  return Number(given)
}

export function keyOf(call: Call): string {
  const key = call.headers['idempotency-key']
  if (key === undefined) throw new Refusal(400, 'idempotency-key-missing', 'The header Idempotency-Key is required.')
  return checkedKey(key)
}

export function checkedKey(key: unknown): string {
  if (typeof key !== 'string' || key.length < 8 || key.length > 255) throw invalid('An idempotency key has 8 to 255 characters.')
  return key
}

/** The JSON object of a call. Refuses: `invalid-json`, `invalid-request` (unknown fields). */
export function bodyOf(call: Call, fields: string[]): Record<string, unknown> {
  let body: unknown
  try {
    body = call.body === '' ? {} : JSON.parse(call.body)
  } catch {
    throw new Refusal(400, 'invalid-json', 'The body is not JSON.')
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw invalid('The body is a JSON object.')
  const unknown = Object.keys(body).filter((field) => !fields.includes(field))
  if (unknown.length > 0) throw invalid(`Unknown fields: ${unknown.join(', ')}.`)
  return body as Record<string, unknown>
}

export function moneyOf(body: Record<string, unknown>): { amountMinor: number; currency: string } {
  const money = body.amount as { amount?: unknown; currency?: unknown } | null | undefined
  const amountMinor = money?.amount
  if (typeof amountMinor !== 'number' || !Number.isInteger(amountMinor) || amountMinor < 1 || amountMinor > AMOUNT_MINOR_MAX) {
    throw invalid('amount.amount is a positive whole number of minor units.')
  }
  const currency = money?.currency
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) throw invalid('amount.currency is an ISO 4217 code.')
  return { amountMinor, currency }
}

export function text(body: Record<string, unknown>, field: string, most: number): string {
  const value = body[field]
  if (typeof value !== 'string' || value.length === 0 || value.length > most)
    throw invalid(`${field} is a text of 1 to ${most} characters.`)
  return value
}

export function metadataOf(body: Record<string, unknown>): Record<string, unknown> {
  const metadata = body.metadata ?? {}
  if (typeof metadata !== 'object' || Array.isArray(metadata)) throw invalid('metadata is an object.')
  return metadata as Record<string, unknown>
}

export function urlOf(body: Record<string, unknown>, field: string): string {
  const value = text(body, field, 2000)
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw invalid(`${field} is an http or https address.`)
  return value
}

export function invalid(detail: string): Refusal {
  return new Refusal(422, 'invalid-request', detail)
}
