/** Moves the small shop of a test in a process of its own, so that it can be killed on the way. */
import { moveSmallShop, type SmallMove } from './small-shop.ts'

await moveSmallShop(JSON.parse(process.env.STOA_SMALL_MOVE ?? '') as SmallMove)
