/** The API document and its page. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { docsStyleHash, renderDocsPage } from '@stoa/chassis/documents/docs-page.ts'
import type { StoaServer } from '@stoa/chassis/http/server-options.ts'
import { root } from '../paths.ts'

/** Adds `/docs` and `/api/openapi.json`. */
export function openDocuments(app: StoaServer): void {
  const text = readFileSync(join(root, 'contracts/generated/openapi.json'), 'utf8')
  const page = renderDocsPage(JSON.parse(text))
  app.get('/api/openapi.json', (_request, reply) => reply.type('application/json').send(text))
  app.get('/docs', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', `default-src 'none'; style-src ${docsStyleHash}; base-uri 'none'; frame-ancestors 'none'`)
      .send(page),
  )
}
