/** Examples of calls, made from the document alone. */
import type { OpenApi, Operation } from './openapi.ts'
import type { JsonSchema } from './schemas.ts'

/** A call of the operation with curl, with every required part and nothing else. */
export function curlOf(document: OpenApi, method: string, path: string, operation: Operation): string {
  const parameters = operation.parameters ?? []
  const place = path.replace(/\{([^}]+)\}/g, (_, name: string) => `$${name.toUpperCase()}`)
  const query = parameters
    .filter((one) => one.in === 'query' && one.required)
    .map((one) => `${one.name}=${text(exampleOf(one.schema, document))}`)
  const [type] = Object.keys(operation.requestBody?.content ?? {})
  const headers = [
    ...(operation['x-permission'] === 'public' ? [] : ['Authorization: Bearer $TOKEN']),
    ...parameters
      .filter((one) => one.in === 'header' && one.required)
      .map((one) => `${one.name}: ${one.name === 'If-Match' ? '\\"$VERSION\\"' : '$KEY'}`),
    ...(type ? [`Content-Type: ${type}`] : []),
  ]
  const schema = operation.requestBody?.content['application/json']?.schema
  const body = schema ? [`-d '${JSON.stringify(exampleOf(schema, document))}'`] : type ? ['--data-binary @file'] : []
  const address = `"$SHOP/api${place}${query.length > 0 ? `?${query.join('&')}` : ''}"`
  const parts = [`curl${method === 'GET' ? '' : ` -X ${method}`}`, address, ...headers.map((header) => `-H "${header}"`), ...body]
  return parts.join(' \\\n  ').replace(' \\\n  ', ' ')
}

function text(value: unknown): string {
  return encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))
}

const formats: Readonly<Record<string, string>> = {
  uuid: '0192f0c1-2b7e-7c4a-9d3e-5a1b2c3d4e5f',
  email: 'ada@example.org',
  'date-time': '2026-11-21T12:00:00Z',
}
const known: Readonly<Record<string, unknown>> = {
  currency: 'EUR',
  country: 'DE',
  sku: 'LAMP-1',
  postalCode: '10115',
  city: 'Berlin',
  quantity: 1,
  amount: 1299,
}

/** A value that fits a schema: required fields only. */
export function exampleOf(schema: JsonSchema, document: OpenApi, field = ''): unknown {
  if (typeof schema.$ref === 'string')
    return exampleOf(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, document, field)
  if (Array.isArray(schema.enum)) return schema.enum[0]
  if ('const' in schema) return schema.const
  if (Array.isArray(schema.anyOf)) return exampleOf((schema.anyOf[0] ?? {}) as JsonSchema, document, field)
  if (schema.type === 'object') {
    const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
    return Object.fromEntries(
      ((schema.required ?? []) as string[]).map((name) => [name, exampleOf(properties[name] ?? {}, document, name)]),
    )
  }
  if (schema.type === 'array')
    return Number(schema.minItems ?? 0) > 0 ? [exampleOf((schema.items ?? {}) as JsonSchema, document, field)] : []
  if (field in known) return known[field]
  if (schema.type === 'boolean') return true
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1
  return (
    formats[String(schema.format)] ??
    (field === 'password' ? 'a long pass phrase' : (field === '' ? 'text' : field).padEnd(Number(schema.minLength ?? 0), 'x'))
  )
}
