import { FLOOR, ballFill, contact, plate, plateTint } from './light.ts'
import type { FamilyPictures } from './look.ts'
import { ellipse } from './svg.ts'

export const plainPictures: FamilyPictures = {
  portrait: (s, look) =>
    plate(s, plateTint('#d8cdbb', look.colour)) +
    contact(s, 400, FLOOR, 180) +
    ellipse(400, FLOOR - 190, 200, 200, ballFill(s, look.colour)),
  inUse: (s, look) =>
    plate(s, plateTint('#d8cdbb', look.colour)) +
    contact(s, 400, FLOOR, 240) +
    ellipse(400, FLOOR - 250, 260, 260, ballFill(s, look.colour)),
}
