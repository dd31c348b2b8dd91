import type { ButtonHTMLAttributes, ReactNode } from 'react'

type Kind = 'primary' | 'plain' | 'quiet' | 'danger'

const looks: Record<Kind, string> = {
  primary: 'bg-accent text-on-accent border border-accent hover:bg-accent-strong hover:border-accent-strong',
  plain: 'bg-raised text-ink border border-edge hover:border-ink',
  quiet: 'text-ink border border-transparent hover:border-line',
  danger: 'bg-transparent text-bad border border-bad hover:bg-bad hover:text-ground',
}

/** Classes of a button, for links that look like one. */
export function buttonLook(kind: Kind = 'primary', wide = false): string {
  return `inline-flex min-h-12 items-center justify-center gap-2 rounded-field px-6 py-2 text-sm font-semibold transition-colors duration-150 disabled:cursor-not-allowed disabled:opacity-60 ${looks[kind]} ${wide ? 'w-full' : ''}`
}

/** A button. `busy` says so to screen readers and keeps its width. */
export function Button({
  kind = 'primary',
  wide = false,
  busy = false,
  className = '',
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { kind?: Kind; wide?: boolean; busy?: boolean; children: ReactNode }) {
  return (
    <button className={`${buttonLook(kind, wide)} ${className}`} aria-busy={busy || undefined} {...rest}>
      {children}
    </button>
  )
}
