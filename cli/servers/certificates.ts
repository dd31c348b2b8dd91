/** TLS for tests and for a look: an authority of the data folder's own, and a server certificate signed by it. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { certificatePem } from './x509.ts'

export interface Certificate {
  /** What a client must trust. */
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3650
/** Browsers refuse server certificates of more than 398 days. */
const SERVER_DAYS = 397
/** One that ends within this time is made anew. */
const RENEW_DAYS = 30
const ALWAYS = ['localhost', '127.0.0.1', '::1']
const AUTHORITY = 'Stoa test authority'

/**
 * The certificate for localhost, its addresses and `hosts`; made once and kept in `tls/` of the data folder, made anew when it nears its
 * end or lacks a host. Whoever trusts ca.pem trusts whoever reads the key beside it: it is for this machine alone.
 */
export async function testCertificate(dataDir: string, hosts: readonly string[], now = new Date()): Promise<Certificate> {
  const folder = join(dataDir, 'tls')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const files: Certificate = { caFile: join(folder, 'ca.pem'), certFile: join(folder, 'server.pem'), keyFile: join(folder, 'server.key') }
  const all = [...new Set([...ALWAYS, ...hosts.map(hostName)])]
  const authority = authorityOf(files.caFile, join(folder, 'ca.key'), now)
  const present = readPair(files.certFile, files.keyFile)
  if (
    present &&
    lasts(present.certificate, now) &&
    isSignedBy(present.certificate, authority) &&
    all.every((host) => covers(present.certificate, host))
  )
    return files
  const { privateKey, publicKey } = newKey()
  const ends = Math.min(now.getTime() + SERVER_DAYS * DAY_MS, authority.certificate.validToDate.getTime())
  const pem = certificatePem({
    subject: 'localhost',
    subjectKey: publicKey,
    issuer: commonName(authority.certificate),
    issuerKey: authority.key,
    issuerPublicKey: authority.certificate.publicKey,
    from: new Date(now.getTime() - DAY_MS),
    until: new Date(ends),
    use: { hosts: all },
  })
  writePair(files.certFile, pem, files.keyFile, privateKey)
  return files
}

interface Pair {
  readonly certificate: X509Certificate
  readonly key: KeyObject
}

function authorityOf(certFile: string, keyFile: string, now: Date): Pair {
  const present = readPair(certFile, keyFile)
  if (present?.certificate.ca && lasts(present.certificate, now)) return present
  const { privateKey, publicKey } = newKey()
  // A name of its own, so that a browser that trusts an earlier one does not take this one for it.
  const subject = `${AUTHORITY} ${now.toISOString().slice(0, 10)} ${publicKey.export({ format: 'jwk' }).x?.slice(0, 8)}`
  const pem = certificatePem({
    subject,
    subjectKey: publicKey,
    issuer: subject,
    issuerKey: privateKey,
    issuerPublicKey: publicKey,
    from: new Date(now.getTime() - DAY_MS),
    until: new Date(now.getTime() + AUTHORITY_DAYS * DAY_MS),
    use: 'authority',
  })
  writePair(certFile, pem, keyFile, privateKey)
  return { certificate: new X509Certificate(pem), key: privateKey }
}

function newKey(): { privateKey: KeyObject; publicKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

/** A certificate with its key; undefined when either is missing, broken, or not the other's. */
function readPair(certFile: string, keyFile: string): Pair | undefined {
  if (!existsSync(certFile) || !existsSync(keyFile)) return undefined
  try {
    const certificate = new X509Certificate(readFileSync(certFile))
    const key = createPrivateKey(readFileSync(keyFile))
    return certificate.checkPrivateKey(key) ? { certificate, key } : undefined
  } catch {
    return undefined
  }
}

function writePair(certFile: string, pem: string, keyFile: string, key: KeyObject): void {
  const keyPem = key.export({ type: 'pkcs8', format: 'pem' }) as string
  for (const [file, text, mode] of [
    [keyFile, keyPem, 0o600],
    [certFile, pem, 0o644],
  ] as const) {
    writeFileSync(`${file}.new`, text, { mode })
    renameSync(`${file}.new`, file)
  }
}

function lasts(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && certificate.validToDate.getTime() - now.getTime() > RENEW_DAYS * DAY_MS
}

function isSignedBy(certificate: X509Certificate, authority: Pair): boolean {
  return certificate.checkIssued(authority.certificate) && certificate.verify(authority.certificate.publicKey)
}

function covers(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined
}

function commonName(certificate: X509Certificate): string {
  return certificate.subject.replace(/^CN=/, '')
}

/** A name or address as certificates hold it. Throws: when it is neither. */
function hostName(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare)) return bare
  const ascii = !/[/?#@:\\]/.test(bare) && URL.canParse(`https://${bare}`) ? new URL(`https://${bare}`).host : ''
  if (!/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(ascii)) throw new Error(`'${host}' is no host name for a certificate`)
  return ascii
}
