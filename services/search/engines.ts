import type { Common } from '@stoa/chassis/service.ts'
import { postgresEngine } from './adapters/postgres/engine.ts'
import type { Engine } from './engine.ts'
import { SearchEngine } from './settings.ts'

type Settings = Pick<Common, 'setting'>

/** Factory of engines (AR3), by what the setting can be. */
const engines: Readonly<Record<string, (settings: Settings) => Engine>> = {
  postgres: () => postgresEngine,
}

/** The engine that the settings choose. */
export function engineOf(settings: Settings): Engine {
  const make = engines[settings.setting(SearchEngine)]
  if (!make) throw new Error(`no search engine '${settings.setting(SearchEngine)}'`)
  return make(settings)
}
