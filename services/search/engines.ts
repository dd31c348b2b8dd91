import type { Common } from '@stoa/chassis/service.ts'
import { openSearchEngine } from './adapters/opensearch/engine.ts'
import { postgresEngine } from './adapters/postgres/engine.ts'
import type { Engine } from './engine.ts'
import { OpenSearchIndex, OpenSearchUrl, SearchEngine } from './settings.ts'

type Settings = Pick<Common, 'setting' | 'log'>

/** One for each server and name: it keeps connections. */
const opened = new Map<string, Engine>()

/** Factory of engines (AR3), by what the setting can be. */
const engines: Readonly<Record<string, (settings: Settings) => Engine>> = {
  postgres: () => postgresEngine,
  opensearch: ({ setting, log }) => {
    const [url, prefix] = [setting(OpenSearchUrl), setting(OpenSearchIndex)]
    if (url === '') throw new Error('STOA_SEARCH_ENGINE=opensearch wants the address of one in STOA_OPENSEARCH_URL')
    const key = `${url} ${prefix}`
    const engine = opened.get(key) ?? openSearchEngine({ url, prefix, log })
    opened.set(key, engine)
    return engine
  },
}

/** The engine that the settings choose. Throws: when its own settings are missing. */
export function engineOf(settings: Settings): Engine {
  const make = engines[settings.setting(SearchEngine)]
  if (!make) throw new Error(`no search engine '${settings.setting(SearchEngine)}'`)
  return make(settings)
}
