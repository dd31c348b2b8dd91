/** The API document as a page that people read: one file, no script, nothing loaded from elsewhere. */
import { createHash } from 'node:crypto'
import { curlOf } from './example.ts'
import { type Field, fieldsIn, typeOf } from './fields.ts'
import type { OpenApi, Operation, Response } from './openapi.ts'
import { docsStyle } from './style.ts'

/** For `style-src` of the page's Content-Security-Policy: the hash of its only style. */
export const docsStyleHash = `'sha256-${createHash('sha256').update(docsStyle).digest('base64')}'`

interface Door {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** Renders the page. Aliases are named at their operation. */
export function renderDocsPage(openapi: OpenApi): string {
  const doors = Object.entries(openapi.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Door => ({ method: method.toUpperCase(), path, operation })),
  )
  const own = doors.filter(({ operation }) => operation['x-alias-of'] === undefined)
  const tags = openapi.tags.map(({ name }) => ({ name, doors: own.filter(({ operation }) => operation.tags.includes(name)) }))
  const title = `${openapi.info.title} API`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${docsStyle}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the operations</a>
<header><h1>${escape(title)}</h1><p>${escape(openapi.info.description)}</p>
<p>Version ${escape(openapi.info.version)} · <a href="/api/openapi.json">OpenAPI 3.1 document</a></p></header>
<nav aria-label="Operations">${tags.map(({ name, doors: some }) => navigation(name, some)).join('')}<p><a href="#shapes">Shapes</a></p></nav>
<main id="main">
${tags.map(({ name, doors: some }) => `<section aria-labelledby="tag-${escape(name)}"><h2 id="tag-${escape(name)}">${escape(name)}</h2>${some.map((door) => article(openapi, door, doors)).join('')}</section>`).join('\n')}
${shapes(openapi)}
</main>
</body>
</html>
`
}

function navigation(tag: string, doors: readonly Door[]): string {
  const items = doors.map(
    ({ method, path, operation }) =>
      `<li><a href="#${operation.operationId}"><span class="method">${method}</span> ${escape(path)}</a></li>`,
  )
  return `<p><a href="#tag-${escape(tag)}">${escape(tag)}</a></p><ul>${items.join('')}</ul>`
}

function article(openapi: OpenApi, { method, path, operation }: Door, all: readonly Door[]): string {
  const id = operation.operationId
  const aliases = all.filter((other) => other.operation['x-alias-of'] === path && other.method === method).map((other) => other.path)
  const { schemas } = openapi.components
  const body = operation.requestBody?.content
  const bodySchema = body?.['application/json']?.schema
  const parts = [
    `<p>${prose(operation.summary)}</p>`,
    `<p class="who">${permissionText(operation)}${operation['x-demo-only'] ? ' Only in demo mode.' : ''}</p>`,
    aliases.length > 0 ? `<p>Also at ${aliases.map((alias) => `<code>${escape(alias)}</code>`).join(', ')}.</p>` : '',
    parametersTable(openapi, operation, id),
    bodySchema
      ? fieldsTable(openapi, 'Body', fieldsIn(bodySchema, schemas), id)
      : body
        ? `<p>Body: ${Object.keys(body).map(escape).join(' or ')}.</p>`
        : '',
    answers(openapi, operation, id),
    `<p class="label">Example</p><pre tabindex="0" aria-label="Example of ${id}"><code>${escape(curlOf(openapi, method, path, operation))}</code></pre>`,
  ]
  return `<article id="${id}" aria-labelledby="h-${id}"><h3 id="h-${id}"><span class="method">${method}</span> <code>${escape(path)}</code></h3>${parts.join('')}</article>`
}

function permissionText(operation: Operation): string {
  if (operation['x-permission'] === 'public') return 'Everybody.'
  if (operation['x-permission'] === 'customer') return 'Any account that is logged in.'
  return `Staff with <code>${escape(operation['x-permission'])}</code>: ${escape((operation['x-roles'] ?? []).join(', '))}.`
}

function parametersTable(openapi: OpenApi, operation: Operation, id: string): string {
  const rows = (operation.parameters ?? []).map((one) => [
    `<code>${escape(one.name)}</code>`,
    one.in,
    typeCell(openapi, typeOf(one.schema)) + (one.description ? `<br>${prose(one.description)}` : ''),
    one.required ? 'required' : '',
  ])
  return table('Parameters', ['Name', 'In', 'Type', ''], rows, id)
}

function fieldsTable(openapi: OpenApi, caption: string, fields: readonly Field[], id: string): string {
  return table(
    caption,
    ['Field', 'Type', ''],
    fields.map(({ path, type, required }) => [`<code>${escape(path)}</code>`, typeCell(openapi, type), required ? 'required' : '']),
    id,
  )
}

/** Named shapes once, at the end; types link to them. */
function shapes(openapi: OpenApi): string {
  const { schemas } = openapi.components
  const all = Object.entries(schemas).map(([name, schema]) => {
    const fields = fieldsIn(schema, schemas)
    const content =
      fields.length > 0 ? fieldsTable(openapi, `Fields of ${name}`, fields, name) : `<p>${typeCell(openapi, typeOf(schema))}</p>`
    return `<article id="shape-${escape(name)}"><h3>${escape(name)}</h3>${content}</article>`
  })
  return `<section aria-labelledby="shapes"><h2 id="shapes">Shapes</h2>${all.join('')}</section>`
}

function typeCell(openapi: OpenApi, type: string): string {
  return escape(type).replace(/\b[A-Z]\w+\b/g, (name) =>
    Object.hasOwn(openapi.components.schemas, name) ? `<a href="#shape-${name}">${name}</a>` : name,
  )
}

function answers(openapi: OpenApi, operation: Operation, id: string): string {
  const all = Object.entries(operation.responses).map(([status, response]) => ({ status, response: resolve(openapi, response) }))
  const success = all
    .filter(({ status }) => status.startsWith('2'))
    .map(({ status, response }) => successPart(openapi, status, response, id))
  const refusals = all
    .filter(({ status }) => !status.startsWith('2'))
    .map(({ status, response }) => [status, (response['x-codes'] ?? []).map((code) => `<code>${escape(code)}</code>`).join(' ')])
  return `${success.join('')}${table('Refusals', ['Status', 'Code'], refusals, id)}`
}

function successPart(openapi: OpenApi, status: string, response: Response, id: string): string {
  const [entry] = Object.entries(response.content ?? {})
  if (!entry) return `<p>Answers ${status} without a body.</p>`
  const [type, { schema }] = entry
  const types = Object.keys(response.content ?? {}).map((one) => `<code>${escape(one)}</code>`)
  if (type !== 'application/json') return `<p>Answers ${status} with ${types.join(' or ')}.</p>`
  const named = typeof schema.$ref === 'string' ? ` (${typeOf(schema)})` : ''
  return fieldsTable(openapi, `Answer ${status}${named}`, fieldsIn(schema, openapi.components.schemas), id)
}

function resolve(openapi: OpenApi, response: Response | { readonly $ref: string }): Response {
  if (!('$ref' in response)) return response
  return openapi.components.responses[response.$ref.slice('#/components/responses/'.length)] ?? { description: '' }
}

/** Tables scroll by themselves on narrow screens, so the keyboard must be able to reach them. */
function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[], id: string): string {
  if (rows.length === 0) return ''
  const head = heads.map((one) => (one ? `<th scope="col">${one}</th>` : '<td></td>')).join('')
  const body = rows
    .map((cells) => `<tr>${cells.map((cell, index) => (index === 0 ? `<th scope="row">${cell}</th>` : `<td>${cell}</td>`)).join('')}</tr>`)
    .join('')
  return `<div class="table" role="region" tabindex="0" aria-label="${escape(caption)} of ${id}"><table><caption>${escape(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}

/** Text with `code` in it. */
function prose(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;')
}
