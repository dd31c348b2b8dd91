/** The part of an address that names something: lower case, hyphens, no accents. */
export function slugOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\u0300-\u036f’']/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

/** A number of 32 bits that only depends on `text` (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  return hash
}

/** A barcode from its first twelve digits. Source: GS1 General Specifications, check digit of EAN-13. */
export function ean13(twelve: string): string {
  const sum = [...twelve].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0)
  return twelve + String((10 - (sum % 10)) % 10)
}

/** A size as part of a SKU: `38 cm` is `38CM`. */
export function skuPart(label: string): string {
  return label
    .replaceAll('×', 'X')
    .replaceAll('–', 'TO')
    .replaceAll('.', '')
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()
}
