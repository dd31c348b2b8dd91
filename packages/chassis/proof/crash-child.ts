/** A process that works until a fail-point (STOA_FAIL_POINTS) kills it; ends by itself when nothing is left to do. */
import { askForAll, marksAtRest, openCrashShop } from './crash-shop.ts'

const house = await openCrashShop(JSON.parse(process.env.STOA_CRASH_SHOP ?? '{}'))
await askForAll(house)
await marksAtRest(house)
await house.stop()
