/** Every colour and material of the demo goods, with the hue it is drawn in. */
export const colours = {
  chalk: '#F1EDE4',
  limestone: '#DCD0BD',
  cream: '#EADCC0',
  butter: '#EBD384',
  sand: '#CFB68F',
  ochre: '#CB9536',
  saffron: '#DE9F22',
  apricot: '#E2A374',
  coral: '#D9705A',
  terracotta: '#BE5F3F',
  rust: '#96492C',
  brick: '#8E3B2F',
  wine: '#6F2C36',
  plum: '#5E3A4E',
  blush: '#DDB4A4',
  lilac: '#B0A2C4',
  sky: '#9DBBCB',
  aegean: '#20617B',
  denim: '#4A6280',
  navy: '#25344F',
  teal: '#2F6F70',
  mint: '#B2D0BC',
  sage: '#9DAB8C',
  olive: '#6C7446',
  moss: '#4F5D39',
  forest: '#2C4A3B',
  stone: '#A79F92',
  graphite: '#55575B',
  charcoal: '#3B3A39',
  ink: '#242322',
  steel: '#B9BDC1',
  silver: '#CBCCCB',
  brass: '#C19B4C',
  copper: '#B56E4A',
  oak: '#C59A69',
  beech: '#D7B086',
  ash: '#D9C3A0',
  walnut: '#6A4631',
  cherry: '#9A5A3A',
  ebony: '#2F2723',
  linen: '#D5C8AF',
  tan: '#B07F50',
  cognac: '#955530',
} as const
export type ColourName = keyof typeof colours

/** Names that are more than one word. */
const spoken: Partial<Record<ColourName, string>> = { steel: 'brushed steel', ink: 'ink black', sky: 'sky blue', chalk: 'chalk white' }

/** The colour as a shopper reads it. */
export function spokenColour(colour: ColourName): string {
  return spoken[colour] ?? colour
}
