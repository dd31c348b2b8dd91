import { setting } from '@stoa/chassis/service.ts'
import { Language } from '@stoa/contracts/shared.ts'
import { Type } from 'typebox'

export const SearchEngine = setting(
  'STOA_SEARCH_ENGINE',
  Type.Union([Type.Literal('postgres')], { default: 'postgres' }),
  'what searches: postgres is the database that the shop has anyway',
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
