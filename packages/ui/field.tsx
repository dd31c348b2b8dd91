import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes } from 'react'

const box =
  'block w-full rounded-field border bg-raised px-3 text-base text-ink min-h-12 transition-colors duration-150 placeholder:text-soft hover:border-ink'

interface Shared {
  readonly label: ReactNode
  readonly name: string
  /** What is wrong with what was typed; read out with the field. */
  readonly error?: string | undefined
  readonly hint?: ReactNode
  /** Said beside the label when the field may stay empty. */
  readonly optional?: boolean
}

function Frame({ id, label, error, hint, optional, children }: Omit<Shared, 'name'> & { id: string; children: ReactNode }) {
  return (
    <div className={error ? 'border-l-2 border-bad pl-3' : ''}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
        {optional ? <span className="font-normal text-soft"> (optional)</span> : null}
      </label>
      {hint ? (
        <p id={`${id}-hint`} className="mb-1 text-xs text-soft">
          {hint}
        </p>
      ) : null}
      {error ? (
        <p id={`${id}-error`} className="mb-1 text-sm font-medium text-bad">
          <span className="quiet">Error: </span>
          {error}
        </p>
      ) : null}
      {children}
    </div>
  )
}

function describedBy(id: string, hint: ReactNode, error: string | undefined): string | undefined {
  const ids = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return ids === '' ? undefined : ids
}

/** A labelled input with its hint and its error. */
export function Field({
  label,
  name,
  error,
  hint,
  optional = false,
  id = name,
  className = '',
  ...rest
}: Shared & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Frame id={id} label={label} error={error} hint={hint} optional={optional}>
      <input
        id={id}
        name={name}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        className={`${box} ${error ? 'border-bad' : 'border-edge'} ${className}`}
        {...rest}
      />
    </Frame>
  )
}

/** A labelled choice from a list. */
export function Select({
  label,
  name,
  error,
  hint,
  optional = false,
  id = name,
  children,
  ...rest
}: Shared & SelectHTMLAttributes<HTMLSelectElement> & { children: ReactNode }) {
  return (
    <Frame id={id} label={label} error={error} hint={hint} optional={optional}>
      <select
        id={id}
        name={name}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        className={`${box} ${error ? 'border-bad' : 'border-edge'}`}
        {...rest}
      >
        {children}
      </select>
    </Frame>
  )
}

/** Errors of a whole form on top of it, each a link to its field. */
export function ErrorSummary({
  title,
  errors,
  id = 'errors',
}: {
  title: string
  errors: readonly { path: string; message: string }[]
  id?: string
}) {
  return (
    <div id={id} role="alert" tabIndex={-1} className="border-2 border-bad bg-raised p-4">
      <h2 className="display text-lg">{title}</h2>
      {errors.length > 0 ? (
        <ul className="mt-2 space-y-1">
          {errors.map((error) => (
            <li key={`${error.path} ${error.message}`}>
              <a href={`#${error.path}`} className="link font-medium text-bad">
                {error.message}
              </a>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}
