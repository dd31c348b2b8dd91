/** Options of a command line. */

/** An option that cannot be understood; its message is for the user. */
export class OptionFault extends Error {}

/** What follows an option; undefined without it. Throws: `OptionFault` when nothing follows. */
export function valueOf(options: readonly string[], name: string): string | undefined {
  const index = options.indexOf(name)
  if (index >= 0 && options[index + 1] === undefined) throw new OptionFault(`${name} needs a value`)
  return index < 0 ? undefined : options[index + 1]
}

/** A whole number that follows an option, as text. Throws: `OptionFault` when it is none, or less than `min`. */
export function countOf(options: readonly string[], name: string, min: number): string | undefined {
  const text = valueOf(options, name)
  if (text !== undefined && !(/^\d{1,15}$/.test(text) && Number(text) >= min))
    throw new OptionFault(`${name} must be a whole number from ${min} on`)
  return text
}
