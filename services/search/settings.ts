import { setting } from '@stoa/chassis/service.ts'
import { Type } from 'typebox'

export const SearchEngine = setting(
  'STOA_SEARCH_ENGINE',
  Type.Union([Type.Literal('postgres')], { default: 'postgres' }),
  'what searches: postgres is the database that the shop has anyway',
)
