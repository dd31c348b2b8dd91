import type { ReactNode } from 'react'

export interface Station {
  readonly key: string
  readonly title: string
  readonly text?: ReactNode
  readonly when?: string | undefined
  readonly state: 'done' | 'now' | 'next' | 'stopped'
}

const dots: Record<Station['state'], string> = {
  done: 'bg-accent border-accent',
  now: 'bg-ground border-accent ring-4 ring-accent/25',
  next: 'bg-ground border-line',
  stopped: 'bg-bad border-bad',
}

/** What happened and what comes next, as stations along a line. */
export function Timeline({ stations, label }: { stations: readonly Station[]; label: string }) {
  return (
    <ol aria-label={label}>
      {stations.map((station, index) => (
        <li
          key={station.key}
          aria-current={station.state === 'now' ? 'step' : undefined}
          className="relative grid grid-cols-[1.25rem_1fr] gap-x-4 pb-6 last:pb-0"
        >
          {index < stations.length - 1 ? (
            <span
              aria-hidden="true"
              className={`absolute top-3 bottom-[-0.5rem] left-[0.5625rem] w-0.5 ${station.state === 'done' ? 'bg-accent' : 'bg-line'}`}
            />
          ) : null}
          <span aria-hidden="true" className={`relative mt-1 ml-0.5 size-4 rounded-full border-2 ${dots[station.state]}`} />
          <div className={station.state === 'next' ? 'text-soft' : ''}>
            <p className="display text-base">{station.title}</p>
            {station.text ? <p className="text-sm text-soft">{station.text}</p> : null}
            {station.when ? <p className="tabular text-xs text-soft">{station.when}</p> : null}
          </div>
        </li>
      ))}
    </ol>
  )
}
