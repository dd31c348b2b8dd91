/** From what a mail says to what is sent: plain text, and HTML in the look of the shop. */

/** A part of a mail. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'button'; readonly label: string; readonly url: string }
  | { readonly kind: 'table'; readonly rows: readonly { readonly left: string; readonly right: string; readonly strong?: boolean }[] }
  | { readonly kind: 'small'; readonly text: string }
  | { readonly kind: 'link'; readonly label: string; readonly url: string }

/** What a mail says. */
export interface Letter {
  readonly subject: string
  readonly title: string
  readonly blocks: readonly Block[]
}

export interface Shop {
  readonly name: string
  readonly origin: string
}

export interface Rendered {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Renders a letter. Everything in it is text: markup in names or goods is shown, never obeyed. */
export function render(letter: Letter, shop: Shop, language: string): Rendered {
  return { subject: oneLine(letter.subject), text: textOf(letter, shop), html: htmlOf(letter, shop, language) }
}

function textOf(letter: Letter, shop: Shop): string {
  const blocks = letter.blocks.map((block) => {
    if (block.kind === 'button' || block.kind === 'link') return `${block.label}:\n${block.url}`
    if (block.kind === 'table') return block.rows.map((row) => `${row.left}  ${row.right}`).join('\n')
    return block.text
  })
  return `${[letter.title, ...blocks, `${shop.name}\n${shop.origin}`].join('\n\n')}\n`
}

// The palette of look.md. Mail programs know neither custom properties nor style sheets well, so every element carries its own.
const light = {
  ground: '#FAF8F4',
  raised: '#FFFFFF',
  ink: '#1C1A17',
  soft: '#5F5A52',
  line: '#DDD6C9',
  accent: '#14546B',
  onAccent: '#FFFFFF',
}
const serif = "font-family:Fraunces,Georgia,'Times New Roman',serif"
const sans = "font-family:'Instrument Sans',-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
const dark = `@media (prefers-color-scheme:dark){.g{background:#141311!important}.r{background:#1D1B18!important;border-color:#34302A!important}.i{color:#F3EFE7!important}.s{color:#A9A296!important}.l{border-color:#34302A!important}.b{background:#6FBBD3!important;color:#0B1F27!important}}`

function htmlOf(letter: Letter, shop: Shop, language: string): string {
  const blocks = letter.blocks.map(blockHtml).join('')
  return (
    `<!doctype html><html lang="${escape(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<meta name="color-scheme" content="light dark"><title>${escape(letter.subject)}</title><style>${dark}</style></head>` +
    `<body class="g" style="margin:0;background:${light.ground}"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="g" style="background:${light.ground}"><tr><td align="center" style="padding:32px 16px">` +
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px">` +
    `<tr><td class="i" style="${serif};font-size:21px;letter-spacing:.04em;color:${light.ink};padding:0 0 20px">${escape(shop.name)}</td></tr>` +
    `<tr><td class="r" style="background:${light.raised};border:1px solid ${light.line};border-radius:2px;padding:32px">` +
    `<h1 class="i" style="${serif};font-weight:400;font-size:28px;line-height:1.2;color:${light.ink};margin:0 0 20px">${escape(letter.title)}</h1>${blocks}</td></tr>` +
    `<tr><td class="s" style="${sans};font-size:13px;line-height:1.5;color:${light.soft};padding:20px 0 0">${escape(shop.name)} · <a class="s" href="${escape(shop.origin)}" style="color:${light.soft}">${escape(shop.origin)}</a></td></tr>` +
    `</table></td></tr></table></body></html>`
  )
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p class="i" style="${sans};font-size:15px;line-height:1.6;color:${light.ink};margin:0 0 16px">${escape(block.text).replaceAll('\n', '<br>')}</p>`
    case 'small':
      return `<p class="s" style="${sans};font-size:13px;line-height:1.6;color:${light.soft};margin:0 0 12px">${escape(block.text).replaceAll('\n', '<br>')}</p>`
    case 'button':
      return `<p style="margin:8px 0 24px"><a class="b" href="${escape(block.url)}" style="${sans};display:inline-block;background:${light.accent};color:${light.onAccent};font-size:15px;font-weight:600;text-decoration:none;padding:12px 24px;border-radius:2px">${escape(block.label)}</a></p>`
    case 'link':
      return `<p class="s" style="${sans};font-size:13px;line-height:1.6;color:${light.soft};margin:0"><a class="s" href="${escape(block.url)}" style="color:${light.soft}">${escape(block.label)}</a></p>`
    case 'table':
      return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 20px">${block.rows.map(rowHtml).join('')}</table>`
  }
}

function rowHtml(row: { left: string; right: string; strong?: boolean }): string {
  const weight = row.strong ? 'font-weight:600;' : ''
  const cell = `${sans};${weight}font-size:15px;line-height:1.5;color:${light.ink};border-bottom:1px solid ${light.line};padding:8px 0`
  return `<tr><td class="i l" style="${cell}">${escape(row.left)}</td><td class="i l" align="right" style="${cell};white-space:nowrap;font-variant-numeric:tabular-nums">${escape(row.right)}</td></tr>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
}

// A line break in a subject would begin another header.
function oneLine(text: string): string {
  return text
    .replace(/[\s\u0000-\u001f\u007f]+/g, ' ')
    .trim()
    .slice(0, 250)
}
