import { momentText } from '@stoa/ui/format.ts'
import { Timeline } from '@stoa/ui/timeline.tsx'
import type { Order } from '../visit/shop.ts'

/** Parcels with the stations they have passed, the newest first. */
export function Shipments({ shipments }: { shipments: Order['shipments'] }) {
  if (shipments.length === 0) return null
  return (
    <section aria-labelledby="parcels">
      <h2 id="parcels" className="display pb-3 text-lg">
        {shipments.length === 1 ? 'Your parcel' : 'Your parcels'}
      </h2>
      {shipments.map((shipment) => (
        <div key={shipment.id} className="border border-line bg-raised p-4 md:p-6">
          <p className="tabular mb-4 text-sm text-soft">
            {shipment.carrier} · {shipment.trackingNumber}
          </p>
          <Timeline
            label={`Stations of parcel ${shipment.trackingNumber}`}
            stations={[...shipment.events].reverse().map((event, index) => ({
              key: `${event.at} ${event.state}`,
              title: event.text,
              text: event.place,
              when: momentText(event.at),
              state: index === 0 ? ('now' as const) : ('done' as const),
            }))}
          />
        </div>
      ))}
    </section>
  )
}
