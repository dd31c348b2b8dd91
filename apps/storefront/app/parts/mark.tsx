/** The mark of the shop: an architrave on three columns. */
export function Mark({ className = '' }: { className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 28 24" width="28" height="24" className={className}>
      <path d="M1 1h26v3H1zM3 6.5h22M1 22.5h26" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M5.5 8v13M14 8v13M22.5 8v13" stroke="currentColor" strokeWidth="3" />
    </svg>
  )
}
