const STAR = 'M8 1.2l2.1 4.4 4.8.6-3.5 3.3.9 4.8L8 12l-4.3 2.3.9-4.8L1.1 6.2l4.8-.6z'

/** Stars with their count in words. Shows nothing when nobody has rated. */
export function Rating({ average, count }: { average: number; count: number }) {
  if (count === 0) return null
  const filled = Math.round(average * 2) / 2
  return (
    <span className="inline-flex items-center gap-1 text-xs text-soft">
      <span className="quiet">
        Rated {average.toFixed(1)} of 5 by {count} {count === 1 ? 'buyer' : 'buyers'}
      </span>
      <svg aria-hidden="true" width="84" height="16" viewBox="0 0 84 16" className="text-warn">
        {[0, 1, 2, 3, 4].map((index) => (
          <g key={index} transform={`translate(${index * 17} 0)`}>
            <path d={STAR} fill="none" stroke="currentColor" strokeWidth="1" />
            {filled >= index + 1 ? <path d={STAR} fill="currentColor" /> : null}
            {filled === index + 0.5 ? <path d="M8 1.2V12l-4.3 2.3.9-4.8L1.1 6.2l4.8-.6z" fill="currentColor" /> : null}
          </g>
        ))}
      </svg>
      <span aria-hidden="true" className="tabular">
        {average.toFixed(1)} ({count})
      </span>
    </span>
  )
}
