/** Which transport serves, by configuration. One for each address of a mail server, kept while the process runs. */
import { findRepeats, inquire, type Sandbox } from './sandbox-inbox.ts'
import type { MailTransport } from './mail-transport.ts'
import { smtpTransport } from './smtp.ts'

const open = new Map<string, MailTransport>()

/** The transport to `smtpUrl`; undefined while none is configured. With a sandbox, it can be asked about what it accepted. */
export function transportFor(smtpUrl: string, sandbox: Sandbox | undefined): MailTransport | undefined {
  if (smtpUrl === '') return undefined
  const name = `${smtpUrl} ${sandbox?.url ?? ''}`
  const known = open.get(name)
  if (known) return known
  const smtp = smtpTransport(smtpUrl)
  const book: Partial<MailTransport> = sandbox
    ? { wasAccepted: (messageId, to) => inquire(sandbox, messageId, to), repeats: () => findRepeats(sandbox) }
    : {}
  const transport: MailTransport = { ...smtp, ...book }
  open.set(name, transport)
  return transport
}
