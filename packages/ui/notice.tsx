import type { ReactNode } from 'react'

type Tone = 'plain' | 'good' | 'warn' | 'bad'

const bars: Record<Tone, string> = { plain: 'border-accent', good: 'border-good', warn: 'border-warn', bad: 'border-bad' }

/** Something the shopper should know, marked by a bar at its start. `live` reads it out when it appears. */
export function Notice({ tone = 'plain', live = false, children }: { tone?: Tone; live?: boolean; children: ReactNode }) {
  return (
    <div role={live ? (tone === 'bad' ? 'alert' : 'status') : undefined} className={`border-l-4 bg-raised px-4 py-3 ${bars[tone]}`}>
      {children}
    </div>
  )
}
