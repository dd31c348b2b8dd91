/** Who may do what, and what stays secret. */
import type { Mutant } from './mutant.ts'

const tokens = {
  file: 'packages/chassis/http/authentication.ts',
  tier: 'unit',
  test: 'packages/chassis/http/authentication.unit.test.ts',
} as const
const secrets = { file: 'packages/chassis/secrets.ts', tier: 'unit', test: 'packages/chassis/secrets.unit.test.ts' } as const

export const accessMutants: readonly Mutant[] = [
  {
    ...tokens,
    breaks: 'tokens of any issuer are accepted',
    edits: [['        issuer: TOKEN_ISSUER,\n', '']],
    title: 'with another issuer',
  },
  {
    ...tokens,
    breaks: 'tokens for anybody are accepted',
    edits: [['        audience: TOKEN_AUDIENCE,\n', '']],
    title: 'with another audience',
  },
  {
    ...tokens,
    breaks: 'tokens of any type are accepted',
    edits: [['        typ: TOKEN_TYPE,\n', '']],
    title: 'with another type of token',
  },
  {
    ...tokens,
    breaks: 'a token once known is known for ever',
    edits: [['if (known.expiresAtMs > Date.now()) return known.caller', 'return known.caller']],
    title: 'that was known ends with its expiry',
  },
  {
    ...tokens,
    breaks: 'any account is staff',
    edits: [["? 'yes' : 'forbidden'", "? 'yes' : 'yes'"]],
    title: 'of staff lets in whom it names',
  },
  {
    ...tokens,
    breaks: 'guests pass as accounts',
    edits: [["if (caller.kind === 'guest') return 'unauthenticated'", "if (caller.kind === 'guest') return 'yes'"]],
    title: 'customer lets in whom it names',
  },
  {
    file: 'packages/chassis/http/mount.ts',
    tier: 'int',
    test: 'packages/chassis/testing/room.int.test.ts',
    breaks: 'a door does not ask for its permission',
    edits: [['const verdict = permits(door.contract.permission, caller)', "const verdict = permits('public', caller)"]],
    title: 'guests are unauthenticated',
  },
  {
    ...secrets,
    breaks: 'a sealed value opens anywhere',
    edits: [
      ['  cipher.setAAD(Buffer.from(context))\n', ''],
      ['  decipher.setAAD(Buffer.from(context))\n', ''],
    ],
    title: 'a value moved to another place',
  },
  {
    file: 'services/identity/prepare.ts',
    tier: 'int',
    test: 'services/identity/keys.int.test.ts',
    breaks: 'the public passwords of a demo open a real shop',
    edits: [['  if (!isDemo) await Promise.all', '  if (isDemo) await Promise.all']],
    title: 'when a demo becomes a real shop',
  },
]
