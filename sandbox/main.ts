import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { SandboxOptions } from './start.ts'
import { startSandbox } from './start.ts'

const SECRET_CHARACTERS_MIN = 16
// Closing waits for nothing that matters: the book is durable at every moment.
const CLOSE_MS_MAX = 1500

const names = [
  'data',
  'http-port',
  'smtp-port',
  'host',
  'secret-file',
  'shop-origin',
  'public-origin',
  'webhook-chaos',
  'slow-ms',
  'late-ms',
] as const

/** Reads `--name value`, else `SANDBOX_NAME` from the environment. */
function readSettings(): SandboxOptions & { detached: boolean } {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const parsed = parseArgs({ options: { ...options, detached: { type: 'boolean' } } })
  const values: Record<string, unknown> = parsed.values
  const optional = (name: (typeof names)[number]) =>
    (values[name] as string | undefined) ?? process.env[`SANDBOX_${name.toUpperCase().replaceAll('-', '_')}`]
  const required = (name: (typeof names)[number]) => {
    const value = optional(name)
    if (value === undefined || value === '') throw new Error(`--${name} is required`)
    return value
  }
  const number = (name: (typeof names)[number]) => {
    const value = optional(name)
    if (value !== undefined && !/^\d+$/.test(value)) throw new Error(`--${name} is a whole number`)
    return value === undefined ? undefined : Number(value)
  }
  const secret = readFileSync(required('secret-file'), 'utf8').trim()
  if (secret.length < SECRET_CHARACTERS_MIN) throw new Error(`the secret has at least ${SECRET_CHARACTERS_MIN} characters`)
  const slowMs = number('slow-ms')
  const lateMs = number('late-ms')
  return {
    data: required('data'),
    secret,
    shopOrigin: required('shop-origin'),
    host: optional('host') ?? '127.0.0.1',
    httpPort: number('http-port') ?? 0,
    smtpPort: number('smtp-port') ?? 0,
    publicOrigin: optional('public-origin'),
    webhookChaos: optional('webhook-chaos'),
    timing: { ...(slowMs === undefined ? {} : { slowMs }), ...(lateMs === undefined ? {} : { lateMs }) },
    detached: values.detached === true || process.env.SANDBOX_DETACHED === 'true',
  }
}

async function main(): Promise<void> {
  const { detached, ...options } = readSettings()
  const sandbox = await startSandbox(options)
  let ending = false
  const end = () => {
    if (ending) return
    ending = true
    setTimeout(() => process.exit(0), CLOSE_MS_MAX).unref()
    void sandbox.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  if (!detached) {
    // The parent holds the other end; its death closes it.
    process.stdin.on('end', end).on('close', end).on('error', end).resume()
  }
  // A parent that died early must not end this process by a broken pipe before it closes the book.
  process.stdout.on('error', end)
  process.stdout.write(`${JSON.stringify({ ready: true, httpPort: sandbox.httpPort, smtpPort: sandbox.smtpPort })}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
