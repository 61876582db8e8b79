import { open } from 'node:fs/promises'
import path from 'node:path'
import type { SourceKind } from '../store/schema.ts'
import { AppError } from '../errors.ts'
import { ProgressLine } from './output/progress.ts'
import { tell, type Outcome } from './import-outcomes.ts'
import type { ServerClient } from './server-options.ts'

/** Bytes of one request. */
const PART_BYTES = 8 * 1024 * 1024
const ITEMS_A_PAGE = 1000

export function isWebArchive(kind: SourceKind): boolean {
  return kind === 'warc' || kind === 'wacz' || kind === 'mhtml' || kind === 'saved_page'
}

/** An import of one web archive. */
export async function sendWholeArchive(
  client: ServerClient,
  collectionId: string,
  file: string,
  json: boolean,
): Promise<number> {
  const { id } = await client.call('startImport', { params: { id: collectionId }, body: {} })
  const outcomes = await sendArchive(client, id, file)
  await client.call('finishImport', { params: { id }, body: {} })
  return tell(outcomes, outcomes.length, json)
}

/** Sends a web archive in pieces, lets the service check and keep it, and has what it holds taken in. */
export async function sendArchive(client: ServerClient, importId: string, file: string): Promise<Outcome[]> {
  const params = { id: importId }
  const name = path.basename(file)
  const before = await lastOrdinal(client, importId)
  const line = new ProgressLine('Sending')
  line.start()
  try {
    const bytes = await sendParts(client, importId, file, (sent, of) =>
      line.update(sent, of, `${name}: ${Math.floor((100 * sent) / of)} %`),
    )
    const opened = await client.call('openArchive', { params, body: { name: name.slice(-200), bytes } })
    for (let waiting = opened.files; waiting > 0;) {
      const { counts } = await client.call('workOnArchive', { params, body: {} })
      waiting = counts.waiting
      line.update(
        opened.files - waiting,
        opened.files,
        `${name}: ${opened.files - waiting} of ${opened.files} files, ${opened.pages} pages`,
      )
    }
  } catch (error) {
    if (
      !(error instanceof AppError) ||
      !['unreadable_input', 'limit_exceeded', 'bad_input'].includes(error.code)
    )
      throw error
    return [{ name, state: 'unreadable', detail: error.message }]
  } finally {
    line.end()
  }
  return itemsAfter(client, importId, before)
}

async function sendParts(
  client: ServerClient,
  importId: string,
  file: string,
  onSent: (sent: number, of: number) => void,
): Promise<number> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    for (let at = 0; at < size;) {
      const body = Buffer.alloc(Math.min(PART_BYTES, size - at))
      await handle.read(body, 0, body.byteLength, at)
      const { received } = await client.call('sendArchivePart', {
        params: { id: importId },
        query: { at },
        body,
      })
      at = received
      onSent(at, size)
    }
    return size
  } finally {
    await handle.close()
  }
}

async function lastOrdinal(client: ServerClient, importId: string): Promise<number> {
  let last = -1
  for (;;) {
    const page = await client.call('listImportItems', {
      params: { id: importId },
      query: { after: last, limit: ITEMS_A_PAGE },
    })
    last = page.at(-1)?.ordinal ?? last
    if (page.length < ITEMS_A_PAGE) return last
  }
}

async function itemsAfter(client: ServerClient, importId: string, ordinal: number): Promise<Outcome[]> {
  const found: Outcome[] = []
  let after = ordinal
  for (;;) {
    const page = await client.call('listImportItems', {
      params: { id: importId },
      query: { after, limit: ITEMS_A_PAGE },
    })
    found.push(...page.map(({ name, state, detail }) => ({ name, state, detail })))
    if (page.length < ITEMS_A_PAGE) return found
    after = page[page.length - 1].ordinal
  }
}
