/**
 * Certificates of the one kind that a test needs: ECDSA P-256, signed by Node's own crypto. Only the wrapping is written here, a fixed
 * structure of DER values. The library for it brings twenty packages and a polyfill of the language's globals into every shop.
 * Source: RFC 5280, RFC 5480.
 */
import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'

/** What a certificate says, and who says so. */
export interface CertificateOrder {
  readonly subject: string
  readonly subjectKey: KeyObject
  readonly issuer: string
  /** Signs; its public half belongs to the issuer. */
  readonly issuerKey: KeyObject
  readonly issuerPublicKey: KeyObject
  readonly from: Date
  readonly until: Date
  /** May sign others and nothing else, or serves these hosts. */
  readonly use: 'authority' | { readonly hosts: readonly string[] }
}

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const

/** A signed certificate in PEM. */
export function certificatePem(order: CertificateOrder): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const body = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    algorithm,
    name(order.issuer),
    sequence(time(order.from), time(order.until)),
    name(order.subject),
    order.subjectKey.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...extensions(order))),
  )
  const signature = sign('sha256', body, { key: order.issuerKey, dsaEncoding: 'der' })
  const base64 = sequence(body, algorithm, bitString(signature)).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`
}

function extensions({ use, subjectKey, issuerPublicKey }: CertificateOrder): Buffer[] {
  const own = use === 'authority'
  return [
    extension(OID.basicConstraints, sequence(...(own ? [boolean(true), integer(Buffer.from([0]))] : [])), 'critical'),
    // Signing certificates and lists of revoked ones (bits 5 and 6), or signatures in a handshake (bit 0).
    extension(OID.keyUsage, own ? value(0x03, Buffer.from([1, 0x06])) : value(0x03, Buffer.from([7, 0x80])), 'critical'),
    extension(OID.subjectKeyIdentifier, value(0x04, keyId(subjectKey))),
    extension(OID.authorityKeyIdentifier, sequence(value(0x80, keyId(issuerPublicKey)))),
    ...(use === 'authority'
      ? []
      : [
          extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
          extension(
            OID.subjectAltName,
            sequence(...use.hosts.map((host) => (isIP(host) ? value(0x87, addressBytes(host)) : value(0x82, Buffer.from(host, 'latin1'))))),
          ),
        ]),
  ]
}

function extension(id: string, content: Buffer, critical?: 'critical'): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), value(0x04, content))
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20)
}

/** The 4 or 16 bytes of an address. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  // URLs hold addresses in their shortest form, without a dotted tail.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const before = groups(head)
  const after = tail === undefined ? [] : groups(tail)
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

function value(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), length(content.length), content])
}

/** Short form below 128, else the number of bytes and the bytes. */
function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes])
  const hex = bytes.toString(16)
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return value(0x30, ...parts)
}

function context(tag: number, content: Buffer): Buffer {
  return value(0xa0 | tag, content)
}

function boolean(truth: boolean): Buffer {
  return value(0x01, Buffer.from([truth ? 0xff : 0]))
}

/** A positive number: shortest form, and a zero before a set sign bit. */
function integer(bytes: Buffer): Buffer {
  let first = 0
  while (first < bytes.length - 1 && bytes[first] === 0) first++
  const digits = bytes.subarray(first)
  return value(0x02, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits)
}

function bitString(bytes: Buffer): Buffer {
  return value(0x03, Buffer.from([0]), bytes)
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return value(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(number: number): number[] {
  const digits = [number & 0x7f]
  for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}

function name(commonName: string): Buffer {
  return sequence(value(0x31, sequence(oid(OID.commonName), value(0x0c, Buffer.from(commonName)))))
}

/** Two digits for the year up to 2049, four from then on. */
function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]/g, '').slice(0, 14)
  return at.getUTCFullYear() < 2050 ? value(0x17, Buffer.from(`${digits.slice(2)}Z`)) : value(0x18, Buffer.from(`${digits}Z`))
}
