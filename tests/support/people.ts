/** Strangers who become customers, as they do it themselves: register, read the mail, confirm. */
import { randomUUID } from 'node:crypto'
import { ADDRESS, ask, until } from './client.ts'

export interface Person {
  readonly id: string
  readonly email: string
  readonly username: string
  readonly password: string
  readonly token: string
}

const PASSWORD = 'a quiet colonnade'

/** Somebody registered, confirmed and logged in; with a default address when asked. Throws: when the shop does not let them. */
export async function newPerson(origin: string, options: { address?: boolean } = {}): Promise<Person> {
  const email = `person-${randomUUID().slice(0, 13)}@example.com`
  const username = `name-${randomUUID().slice(0, 13)}`
  const registered = await ask(origin, 'POST /api/register', { body: { email, username, password: PASSWORD } })
  if (registered.status !== 202) throw new Error(`not registered: ${registered.status} ${JSON.stringify(registered.body)}`)
  const verified = await ask(origin, 'POST /api/users/verify', { body: { token: await mailedToken(origin, email, '/verify') } })
  if (verified.status !== 200) throw new Error(`not confirmed: ${verified.status} ${JSON.stringify(verified.body)}`)
  const token: string = verified.body.accessToken
  if (options.address) await ask(origin, 'PUT /api/users/update', { token, body: { addresses: [{ ...ADDRESS, default: true }] } })
  return { id: verified.body.user.id, email, username, password: PASSWORD, token }
}

/** The token of a link in the newest mail to an address. Throws: when none comes. */
export async function mailedToken(origin: string, email: string, path: string): Promise<string> {
  const tokens = (body: { items?: { links: string[] }[] }) =>
    (body.items ?? [])
      .flatMap((mail) => mail.links)
      .filter((link) => new URL(link).pathname === path)
      .map((link) => new URL(link).searchParams.get('token') ?? '')
  const inbox = await until(
    () => ask(origin, `GET /api/sandbox/inbox?to=${email}`),
    (answer) => tokens(answer.body).length > 0,
    20,
  )
  return tokens(inbox.body)[0] as string
}
