import { expect, test } from 'vitest'
import { readAddress } from './address.ts'

test.each([
  ['postgresql://ada:l%40ve@db.example/shop', { host: 'db.example', port: 5432, user: 'ada', password: 'l@ve', database: 'shop' }],
  ['postgres://ada:love@db.example:6000', { host: 'db.example', port: 6000, user: 'ada', password: 'love', database: 'postgres' }],
  [
    'postgresql:///shop?host=/run/postgres&user=ada&password=love',
    { host: '/run/postgres', port: 5432, user: 'ada', password: 'love', database: 'shop' },
  ],
])('%s is read whole', (url, read) => {
  expect(readAddress(url, 'STOA_DATABASE_URL')).toEqual(read)
})

test('TLS is as the address says: the certificate is looked at unless it says not to', () => {
  const ssl = (mode: string) => readAddress(`postgresql://ada:love@db.example/shop?sslmode=${mode}`, 'X').ssl
  expect([ssl('verify-full'), ssl('no-verify'), ssl('disable')]).toEqual([{}, { rejectUnauthorized: false }, undefined])
})

test.each([
  ['mysql://ada:secret@db.example/shop', 'STOA_DATABASE_URL: it is no address like postgresql://user:password@host:5432/database'],
  ['ada:secret@db.example', 'STOA_DATABASE_URL: it is no address like postgresql://user:password@host:5432/database'],
  [
    'postgresql://ada:secret@db.example:port/shop',
    'STOA_DATABASE_URL: it is no address like postgresql://user:password@host:5432/database',
  ],
  ['postgresql:///shop', 'STOA_DATABASE_URL: the address lacks a host, a user, a password'],
  ['postgresql://ada@db.example/shop', 'STOA_DATABASE_URL: the address lacks a password'],
])('%s is refused, and its password is not told', (url, why) => {
  expect(() => readAddress(url, 'STOA_DATABASE_URL')).toThrow(why)
  expect(() => readAddress(url, 'STOA_DATABASE_URL')).not.toThrow(/secret/)
})
