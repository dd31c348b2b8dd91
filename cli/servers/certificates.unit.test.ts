import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, connect } from 'node:tls'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testCertificate, type Certificate } from './certificates.ts'
import { addressBytes } from './x509.ts'

const DAY_MS = 86_400_000
let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'stoa-tls-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const server = (files: Certificate) => new X509Certificate(readFileSync(files.certFile))
const authority = (files: Certificate) => new X509Certificate(readFileSync(files.caFile))

/** Whether a TLS client that trusts the authority alone accepts the server under `servername`. */
function handshake(files: Certificate, servername: string): Promise<string> {
  return new Promise((done) => {
    const listener = createServer({ cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) }, (socket) => socket.end())
    listener.on('tlsClientError', () => {})
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as { port: number }
      const socket = connect({ port, host: '127.0.0.1', servername, ca: readFileSync(files.caFile) })
      const end = (outcome: string) => {
        socket.destroy()
        listener.close(() => done(outcome))
      }
      socket.once('secureConnect', () => end('trusted'))
      socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    })
  })
}

test('a client that trusts the authority accepts the server by its names, and by no other', async () => {
  const files = await testCertificate(dataDir, ['shop.example', '10.1.2.3', '[fe80::1]', 'Bücher.example'])
  expect(await handshake(files, 'localhost')).toBe('trusted')
  expect(await handshake(files, 'shop.example')).toBe('trusted')
  expect(await handshake(files, 'other.example')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  const certificate = server(files)
  for (const address of ['127.0.0.1', '::1', '10.1.2.3', 'fe80::1']) expect(certificate.checkIP(address)).toBeDefined()
  expect(certificate.checkHost('xn--bcher-kva.example')).toBeDefined()
  expect([certificate.ca, authority(files).ca]).toEqual([false, true])
})

test('the keys are for their owner alone', async () => {
  const { keyFile, caFile } = await testCertificate(dataDir, [])
  for (const file of [keyFile, join(dirname(caFile), 'ca.key')]) expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('it is kept while it lasts and covers the hosts, and made anew by the same authority otherwise', async () => {
  const files = await testCertificate(dataDir, [])
  const [first, trusted] = [server(files).fingerprint256, authority(files).fingerprint256]
  await testCertificate(dataDir, ['localhost'])
  expect(server(files).fingerprint256).toBe(first)
  await testCertificate(dataDir, ['shop.example'])
  const second = server(files).fingerprint256
  expect(second).not.toBe(first)
  const nearItsEnd = new Date(Date.now() + 370 * DAY_MS)
  await testCertificate(dataDir, [], nearItsEnd)
  expect(server(files).fingerprint256).not.toBe(second)
  expect(server(files).validToDate.getTime()).toBeGreaterThan(nearItsEnd.getTime() + 396 * DAY_MS)
  expect(authority(files).fingerprint256).toBe(trusted)
})

test('an authority near its end is replaced, and its server certificate with it', async () => {
  const files = await testCertificate(dataDir, [])
  const trusted = authority(files).fingerprint256
  await testCertificate(dataDir, [], new Date(Date.now() + 3640 * DAY_MS))
  expect(authority(files).fingerprint256).not.toBe(trusted)
  expect(server(files).checkIssued(authority(files))).toBe(true)
})

test('a file cut short by a crash, or a key of another certificate, is made anew', async () => {
  const files = await testCertificate(dataDir, [])
  writeFileSync(files.certFile, readFileSync(files.certFile, 'utf8').slice(0, 100))
  await testCertificate(dataDir, [])
  expect(await handshake(files, 'localhost')).toBe('trusted')
  writeFileSync(files.keyFile, readFileSync(join(dirname(files.caFile), 'ca.key')))
  await testCertificate(dataDir, [])
  expect(await handshake(files, 'localhost')).toBe('trusted')
})

test('what is no host name is refused', async () => {
  for (const host of ['a b', 'a/b', '', 'x:80']) await expect(testCertificate(dataDir, [host])).rejects.toThrow('is no host name')
})

test('addresses have 4 or 16 bytes', () => {
  expect([...addressBytes('10.1.2.3')]).toEqual([10, 1, 2, 3])
  expect(addressBytes('::1').toString('hex')).toBe(`${'0'.repeat(31)}1`)
  expect(addressBytes('2001:db8::ff00:42:8329').toString('hex')).toBe('20010db8000000000000ff0000428329')
  expect(addressBytes('::ffff:1.2.3.4').toString('hex')).toBe('00000000000000000000ffff01020304')
  expect(addressBytes('1:2:3:4:5:6:7:8').toString('hex')).toBe('00010002000300040005000600070008')
})
