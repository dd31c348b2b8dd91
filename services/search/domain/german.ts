/** German words: one form for spellings with and without umlaut, plural and case; and words made of words. */

/** Consonants that an `s` of the genitive, or the `st` of the superlative, may follow. */
const FIRM = 'bdfghklmnt'
const CASE = new RegExp(`^(.{3,})(?:ern|em|en|er|es)$|^(.{3,})e$|^(.{2,}[${FIRM}])s$`)
const DEGREE = new RegExp(`^(.{3,})(?:est|er|en)$|^(.{3,}[${FIRM}])st$`)

/**
 * The stem of a token (which is folded already: no umlaut, `ss` for `ß`). `ae`, `oe`, `ue` become the plain vowel, then endings of plural and
 * case come off, then those of comparison. Source: J. Savoy, Light stemming approaches for the French, Portuguese, German and Hungarian
 * languages (2006).
 */
export function germanStem(token: string): string {
  const word = unspelt(token).replace(/innen$/, 'in')
  return cut(cut(word, CASE), DEGREE)
}

function cut(word: string, ending: RegExp): string {
  return (
    ending
      .exec(word)
      ?.slice(1)
      .find((stem) => stem !== undefined) ?? word
  )
}

/** `kuehl` is `kühl`, and so is `kuhl`: umlauts lost their dots before. `ue` after a vowel or `q` is none (`neue`, `quelle`). */
function unspelt(token: string): string {
  return token.replace(/([ao])e/g, '$1').replace(/(^|[^aeiouq])ue/g, '$1u')
}

/** What joins the parts of a compound: `Arbeit-s-platte`, `Küche-n-tisch`. */
const JOINTS = ['', 's', 'n', 'en', 'es', 'e', 'er']
const PART_MIN = 4

/** Ways to read a token as two words: `ladekabel` as `lade` and `kabel`, joints left out. The longest last part comes first. */
export function partsOf(token: string): [string, string][] {
  const ways: [string, string][] = []
  for (let at = PART_MIN; at <= token.length - PART_MIN; at++) {
    const first = token.slice(0, at)
    for (const joint of JOINTS)
      if (first.endsWith(joint) && at - joint.length >= PART_MIN) ways.push([first.slice(0, at - joint.length), token.slice(at)])
  }
  return ways
}
