import { setting } from '@stoa/chassis/service.ts'
import { Language } from '@stoa/contracts/shared.ts'
import { Type } from 'typebox'

export const SearchEngine = setting(
  'STOA_SEARCH_ENGINE',
  Type.Union([Type.Literal('postgres'), Type.Literal('opensearch')], { default: 'postgres' }),
  'what searches: postgres is the database that the shop has anyway; opensearch is asked at STOA_OPENSEARCH_URL',
)
export const OpenSearchUrl = setting(
  'STOA_OPENSEARCH_URL',
  Type.String({ default: '' }),
  'https://user:password@host:9200: the OpenSearch (2.x) that searches, with STOA_SEARCH_ENGINE=opensearch',
)
export const OpenSearchIndex = setting(
  'STOA_OPENSEARCH_INDEX',
  Type.String({ default: 'stoa-products', pattern: '^[a-z][a-z0-9-]{0,63}$' }),
  'what names of indices in OpenSearch begin with; sets shops on one server apart',
)

export const SearchLanguage = setting(
  'STOA_SEARCH_LANGUAGE',
  Type.Union(Language.anyOf, { default: 'en' }),
  'language of products that tell none, so that their words are found in every form',
)
export const SearchFactors = setting(
  'STOA_SEARCH_FACTORS',
  Type.Union([Type.Literal('on'), Type.Literal('off')], { default: 'on' }),
  'off: how well a product answers the words alone decides, not whether it is there, sells or is rated',
)
