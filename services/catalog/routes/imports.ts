/** Doors through which whole catalogues come and go. */
import type { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { refuse } from '@stoa/chassis/contract.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { preferredType } from '@stoa/chassis/http/accept.ts'
import { orchestrate, read, type TransactionFn } from '@stoa/chassis/service.ts'
import { ShopCurrency } from '@stoa/chassis/settings.ts'
import { ExportProducts, GetImport, GetImportReport, ImportProducts } from '@stoa/contracts/catalog.ts'
import { headerFault, RowGatherer, rowOf } from '../domain/csv.ts'
import { CSV_HEADER, csvRowsOf, jsonLineOf } from '../domain/export-file.ts'
import { BatchGatherer, LINE_BYTES_MAX, LineSplitter, type Entry } from '../domain/import-file.ts'
import type { Product } from '../domain/product.ts'
import { addBatch, beginUpload, completeUpload, dropUpload, failImport, findImport, importErrors } from '../store/imports.ts'
import { productsAfter } from '../store/products.ts'
import { importWork } from '../workers.ts'

const ERRORS_SHOWN = 100
const PAGE = 500
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

/** A file of which nothing can be used. */
class Unusable extends Error {}

export const importProducts = orchestrate(
  ImportProducts,
  async ({ stream, headers, newId, transaction, fixedIds, rememberAnswer, setting }) => {
    const { importId } = await fixedIds('importId')
    const uploader = newId()
    if (!(await transaction((tx) => beginUpload(tx, importId, uploader)))) {
      stream.resume()
      return { importId }
    }
    const lines = headers['content-type']?.startsWith('text/csv') ? csvEntries(stream, setting(ShopCurrency)) : jsonEntries(stream)
    try {
      const batches = await storeEntries(lines, (number, entries) => transaction((tx) => addBatch(tx, importId, uploader, number, entries)))
      await transaction(async (tx) => {
        await completeUpload(tx, importId, uploader, batches)
        tx.schedule(importWork, importId, 0)
        await rememberAnswer(tx, { importId })
      })
    } catch (error) {
      if (!(error instanceof Unusable)) {
        // A broken upload imports nothing. What cannot be removed now is swept later.
        await transaction((tx) => dropUpload(tx, importId, uploader)).catch(() => {})
        throw error
      }
      stream.resume()
      await transaction((tx) => failImport(tx, importId, { line: 1, code: 'invalid-csv', message: error.message }))
    }
    return { importId }
  },
)

async function storeEntries(
  entries: AsyncIterable<Entry>,
  store: (number: number, batch: string) => ReturnType<TransactionFn>,
): Promise<number> {
  const gatherer = new BatchGatherer()
  let number = 0
  for await (const entry of entries) {
    const batch = gatherer.add(entry)
    if (batch !== undefined) await store(number++, batch)
  }
  const last = gatherer.end()
  if (last !== undefined) await store(number++, last)
  return number
}

async function* jsonEntries(stream: Readable): AsyncGenerator<Entry> {
  const splitter = new LineSplitter()
  for await (const chunk of stream) yield* splitter.push(chunk as Buffer)
  yield* splitter.end()
}

async function* csvEntries(stream: Readable, currency: string): AsyncGenerator<Entry> {
  let columns: string[] | undefined
  const rows = new RowGatherer(currency)
  // One row may be skipped for several faults; the first one names it.
  const skipped = new Map<number, Entry>()
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: LINE_BYTES_MAX,
    on_skip: (error) => {
      const line = Number(error?.lines ?? 0)
      if (!skipped.has(line)) skipped.set(line, { line, code: 'invalid-csv', message: `cannot be read: ${error?.code ?? 'unknown'}` })
    },
  })
  stream.once('error', (error) => parser.destroy(error))
  stream.pipe(parser)
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    const line = info.lines - record.join('').split('\n').length + 1
    if (!columns) columns = headerOf(record)
    else if (record.length > columns.length)
      yield { line, code: 'invalid-csv', message: `has ${record.length} fields where the header names ${columns.length}` }
    else yield* rows.add(line, rowOf(columns, record))
  }
  yield* rows.end()
  yield* skipped.values()
}

function headerOf(record: readonly string[]): string[] {
  const columns = record.map((column) => column.trim())
  const fault = headerFault(columns)
  if (fault !== undefined) throw new Unusable(fault)
  return columns
}

export const getImport = read(GetImport, async ({ params, db }) => {
  const found = await findImport(db, params.id)
  if (!found || found.state === 'uploading') return refuse('not-found')
  const { state, read: lines, created, updated, unchanged, failed } = found
  return {
    state,
    read: lines,
    created,
    updated,
    unchanged,
    failed,
    errors: await importErrors(db, params.id, 0, ERRORS_SHOWN),
    reportUrl: `/api/imports/${params.id}/report`,
  }
})

export const getImportReport = read(GetImportReport, async ({ params, db, reply }) => {
  if (!(await findImport(db, params.id))) return refuse('not-found')
  reply.header('content-disposition', `attachment; filename="import-${params.id}.csv"`)
  return reportOf(db, params.id)
})

async function* reportOf(db: Db, id: string): AsyncGenerator<string> {
  yield 'line,code,message\r\n'
  for (let after = 0, page = await importErrors(db, id, after, PAGE); page.length > 0; page = await importErrors(db, id, after, PAGE)) {
    after = page.at(-1)?.line ?? after
    yield page.map(({ line, code, message }) => `${line},${code},"${message.replaceAll('"', '""')}"\r\n`).join('')
  }
}

const JSON_LINES = 'application/x-ndjson'
const CSV = 'text/csv'

export const exportProducts = read(ExportProducts, async ({ db, query, headers, reply }) => {
  // A link cannot send Accept, so the address counts first.
  const type = query.format === undefined ? preferredType([JSON_LINES, CSV], headers.accept) : query.format === 'csv' ? CSV : JSON_LINES
  reply.header('content-type', type ?? JSON_LINES)
  reply.header('content-disposition', `attachment; filename="products.${type === CSV ? 'csv' : 'ndjson'}"`)
  return type === CSV ? exported(db, CSV_HEADER, csvRowsOf) : exported(db, '', jsonLineOf)
})

async function* exported(db: Db, head: string, write: (product: Product) => string): AsyncGenerator<string> {
  if (head !== '') yield head
  for (let after = BEFORE_ALL, page = await productsAfter(db, after, PAGE); page.length > 0; page = await productsAfter(db, after, PAGE)) {
    after = page.at(-1)?.id ?? after
    yield page.map(write).join('')
  }
}
