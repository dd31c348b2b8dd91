import type { FamilyKey } from '../catalogue/shape.ts'
import { bagPictures } from './bags.ts'
import { bicyclePictures } from './bicycle-parts.ts'
import { blanketPictures } from './blankets.ts'
import { cameraPictures } from './cameras.ts'
import { chairPictures } from './chairs.ts'
import { headphonePictures } from './headphones.ts'
import { kettlePictures } from './kettles.ts'
import { knifePictures } from './knives.ts'
import { lampPictures } from './lamps.ts'
import type { FamilyPictures } from './look.ts'
import { mugPictures } from './mugs.ts'
import { notebookPictures } from './notebooks.ts'
import { plantPictures } from './plants.ts'

/** Who draws which family. */
export const picturesOf: Record<FamilyKey, FamilyPictures> = {
  lamps: lampPictures,
  chairs: chairPictures,
  mugs: mugPictures,
  kettles: kettlePictures,
  plants: plantPictures,
  blankets: blanketPictures,
  bags: bagPictures,
  notebooks: notebookPictures,
  knives: knifePictures,
  headphones: headphonePictures,
  cameras: cameraPictures,
  'bicycle-parts': bicyclePictures,
}
