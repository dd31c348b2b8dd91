import { expect, test } from 'vitest'
import { createLog } from './log.ts'
import { REDACTED_FIELDS, redactText } from './redact.ts'

const SECRETS = {
  card: '4242424242424242',
  spaced: '4000 0000 0000 0002',
  dashed: '3782-822463-10005',
  jwt: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  email: 'ada.lovelace+shop@mail.example.org',
  cardToken: 'tok_visa4242',
}

/** What a log writes of `fields` and `message`. */
function logged(fields: object, message = 'something happened'): string {
  let lines = ''
  createLog({ level: 'debug', destination: { write: (line) => (lines += line) } }).info(fields, message)
  return lines
}

test.each(Object.entries(SECRETS))('text with a %s in it is told without', (_, secret) => {
  for (const text of [secret, `before ${secret} after`, `"${secret}"`, `(${secret})`, `a,${secret},b`])
    expect(redactText(text)).not.toContain(secret)
})

test('the query of an address keeps its names and loses its secrets', () => {
  expect(redactText('/verify?token=abc.def&next=1')).toBe('/verify?token=[redacted]&next=1')
  expect(redactText('/callback?state=s3cret&code=c0de')).toBe('/callback?state=[redacted]&code=[redacted]')
})

test.each([
  'a message without secrets',
  '2026-11-21T14:10:08.901Z',
  'ORD-2026-000123',
  '0199c1a2-7b3c-7d4e-8f50-a1b2c3d4e5f6',
  '42 items for 12.99 EUR',
])('what is no secret stays: %s', (text) => {
  expect(redactText(text)).toBe(text)
})

test.each(REDACTED_FIELDS)('the field %s is never written, at the top or one below', (field) => {
  const line = logged({ [field]: 'open sesame', body: { [field]: 'open sesame' } })
  expect(line).not.toContain('open sesame')
  expect(JSON.parse(line)).toMatchObject({ [field]: '[redacted]', body: { [field]: '[redacted]' } })
})

test('an error is written without the secrets of its message and stack', () => {
  const line = logged({ error: new Error(Object.values(SECRETS).join(' and ')) })
  for (const secret of Object.values(SECRETS)) expect(line).not.toContain(secret)
  expect(JSON.parse(line)).toMatchObject({ error: { name: 'Error' } })
})
