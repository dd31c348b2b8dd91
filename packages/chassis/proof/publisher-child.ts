/** A process that publishes a stream until a fail-point (STOA_FAIL_POINTS) kills it; ends by itself when nothing is left. */
import { isTransient } from '../fault.ts'
import { openTestCarrier } from '../testing/kafka.ts'
import { KafkaShop } from './kafka-shop.ts'

const { address, prefix } = JSON.parse(process.env.STOA_PUBLISHER_CHILD ?? '{}')
const shop = new KafkaShop(address)
const carrier = openTestCarrier(prefix)
const publisher = shop.publisher(carrier)
while ((await shop.left()) > 0)
  await publisher.step().catch((error: unknown) => {
    if (!isTransient(error)) throw error
  })
await publisher.close()
await carrier.close()
await shop.world.close()
