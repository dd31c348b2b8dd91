/** Taking messages down and setting the worker to them. */
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { withTraceOf } from '@stoa/chassis/telemetry/trace.ts'
import { insertMessages, supersede, type NewMessage } from '../store.ts'
import type { TemplateName } from '../domain/templates.ts'
import { sendMessage } from '../workers.ts'

/** A message as an event asks for it. */
export interface AskedMessage extends NewMessage {
  /** The event's key: under its trace the message is sent. */
  readonly about: string
}

/** Asks for messages, each once; `delaySeconds` gives a later message the time to make this one superfluous. */
export async function askFor(
  tx: Tx,
  messages: readonly AskedMessage[],
  delaySeconds: (message: AskedMessage) => number = () => 0,
): Promise<void> {
  if (messages.length === 0) return
  const fresh = new Set(await insertMessages(tx, messages))
  for (const message of messages)
    if (fresh.has(message.id)) withTraceOf(message.about, () => tx.schedule(sendMessage, message.id, delaySeconds(message)))
}

/** Takes back messages of a template that have not been sent. */
export async function takeBack(tx: Tx, template: TemplateName, recipients: readonly string[]): Promise<void> {
  for (const id of await supersede(tx, template, recipients)) tx.unschedule(sendMessage, id)
}
