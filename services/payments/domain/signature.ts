import { createHmac, timingSafeEqual } from 'node:crypto'

/** How old a notice may be, and how far ahead its clock. Source: Stripe's webhook signatures. */
export const TOLERANCE_SECONDS = 300

/**
 * Whether `header` (`t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`) signs exactly these bytes by one of `secrets`,
 * lately. Several `v1` and several secrets are allowed, so that a secret can be changed without losing a notice.
 */
export function isSigned(bytes: Buffer, header: string | undefined, secrets: readonly string[], now: Date): boolean {
  const parts = (header ?? '').split(',').map((part) => part.trim())
  const time = parts.find((part) => part.startsWith('t='))?.slice(2) ?? ''
  if (!/^\d{1,12}$/.test(time)) return false
  if (Math.abs(now.getTime() / 1000 - Number(time)) > TOLERANCE_SECONDS) return false
  const given = parts.filter((part) => part.startsWith('v1=')).map((part) => Buffer.from(part.slice(3), 'utf8'))
  return secrets
    .filter((secret) => secret.length > 0)
    .map((secret) => Buffer.from(createHmac('sha256', secret).update(`${time}.`).update(bytes).digest('hex'), 'utf8'))
    .some((wanted) => given.some((one) => one.length === wanted.length && timingSafeEqual(one, wanted)))
}
