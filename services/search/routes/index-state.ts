import type { Db } from '@stoa/chassis/database/sql.ts'
import { handle, read } from '@stoa/chassis/service.ts'
import { GetIndex, RebuildIndex } from '@stoa/contracts/search.ts'
import type { Engine } from '../engine.ts'
import { engineOf } from '../engines.ts'
import { countListed } from '../store/cards.ts'

export const getIndex = read(GetIndex, ({ db, ...rest }) => stateOf(engineOf(rest), db))

export const rebuildIndex = handle(RebuildIndex, async ({ tx, ...rest }) => {
  const engine = engineOf(rest)
  await engine.rebuild(tx)
  return stateOf(engine, tx)
})

async function stateOf(engine: Engine, db: Db) {
  const { isRebuilding, rebuiltAt } = await engine.state(db)
  return { engine: engine.name, products: await countListed(db), rebuilding: isRebuilding, rebuiltAt: rebuiltAt?.toISOString() ?? null }
}
