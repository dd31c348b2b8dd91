import { SearchIcon } from './icons.tsx'

interface SearchFieldProps {
  readonly id: string
  readonly asked: string
  readonly placeholder: string
  /** What the button does, for those who do not see the glass. */
  readonly action: string
  /** Id of a list of suggestions. */
  readonly list?: string
}

/** One line to search with: a field called `q` and its button, in whatever form stands around. */
export function SearchField({ id, asked, placeholder, action, list }: SearchFieldProps) {
  return (
    <div className="flex border-b border-edge transition-colors duration-150 focus-within:border-accent hover:border-ink">
      <input
        id={id}
        name="q"
        type="search"
        list={list}
        defaultValue={asked}
        autoComplete="off"
        maxLength={200}
        placeholder={placeholder}
        className="min-h-11 w-full bg-transparent text-base placeholder:text-soft"
      />
      <button className="grid size-11 shrink-0 place-items-center hover:text-accent" aria-label={action}>
        <SearchIcon />
      </button>
    </div>
  )
}
