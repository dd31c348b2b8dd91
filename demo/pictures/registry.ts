import type { FamilyKey } from '../catalogue/shape.ts'
import { lampPictures } from './lamps.ts'
import type { FamilyPictures } from './look.ts'
import { plainPictures } from './plain.ts'

/** Who draws which family. */
export const picturesOf: Record<FamilyKey, FamilyPictures> = {
  lamps: lampPictures,
  chairs: plainPictures,
  mugs: plainPictures,
  kettles: plainPictures,
  plants: plainPictures,
  blankets: plainPictures,
  bags: plainPictures,
  notebooks: plainPictures,
  knives: plainPictures,
  headphones: plainPictures,
  cameras: plainPictures,
  'bicycle-parts': plainPictures,
}
