import { hash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { written } from '../../test/support/archived-pages.ts'
import { actor, enrolArchive, storeWithCollection, withIndex } from '../../test/support/enrolled-record.ts'
import { warcRecord } from '../../test/support/hostile-warcs.ts'
import { filesBelow, scratchFolder } from '../../test/support/scratch-folder.ts'
import { examine } from '../doctor/examine.ts'
import type { Store } from '../store/store.ts'
import { replayPage } from '../media/replay.ts'
import { eraseMedia } from './erase-media.ts'

const PAGE = 'https://secret-site.example/post'
const HTML = Buffer.from('<!doctype html><title>Secret title</title><img src="/one.jpg"><img src="/two.jpg">')

function picture(): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(3000)])
}

async function archived(
  key?: Uint8Array,
): Promise<{ store: Store; one: Buffer; two: Buffer; importId: string }> {
  const store = await storeWithCollection(key)
  const [one, two] = [picture(), picture()]
  const warc = Buffer.concat([
    warcRecord(PAGE, HTML, { extra: 'Content-Type: text/html' }),
    warcRecord('https://secret-site.example/one.jpg', one),
    warcRecord('https://secret-site.example/two.jpg', two),
  ])
  const importId = await enrolArchive(store, written(scratchFolder(), 'post.warc', warc))
  return { store, one, two, importId }
}

function holds(store: Store, trace: Buffer | string): boolean {
  return filesBelow(store.dataFolder).some(({ bytes }) => bytes.includes(trace))
}

async function replayed(store: Store, sha256: string): Promise<string> {
  const { id } = await store.db
    .selectFrom('source')
    .innerJoin('media', 'media.id', 'source.media_id')
    .select('source.id')
    .where('media.sha256', '=', sha256)
    .executeTakeFirstOrThrow()
  const { signal } = new AbortController()
  return (await replayPage({ store }, { sourceId: id, page: 0, showsPictures: true, signal })).html
}

test('an archive is kept, its page is shown from a encrypted vault, and the doctor finds nothing wrong', async () => {
  const { store, one, two } = await archived(randomBytes(32))
  const html = await replayed(store, hash('sha256', two))
  expect(html).toContain(`id="likeness-picture"`)
  expect(html).toContain(one.toString('base64'))
  expect(holds(store, one.subarray(500, 600))).toBe(false)
  const { findings } = await examine(withIndex(store), actor, { repair: false })
  expect(findings).toEqual([])
})

test('erasing one picture takes the bytes of the archive that holds it; the other picture stays with what was said of it', async () => {
  const { store, one, two } = await archived()
  await store.record.checkpointNow()
  expect(holds(store, one.subarray(500, 600))).toBe(true)
  const erasure = {
    target: { kind: 'media' as const, media: [hash('sha256', one)] },
    reason: 'asked for',
  }
  expect(await eraseMedia(withIndex(store), actor, { ...erasure, dryRun: true })).toMatchObject({
    archives: 1,
  })
  expect(holds(store, one.subarray(500, 600))).toBe(true)
  await eraseMedia(withIndex(store), actor, { ...erasure, dryRun: false })
  expect(holds(store, one.subarray(500, 600))).toBe(false)
  expect(holds(store, 'one.jpg')).toBe(false)
  expect(holds(store, two.subarray(500, 600))).toBe(true)
  const left = await store.db.selectFrom('source_capture').select(['page_url', 'digest_verdict']).execute()
  expect(left).toEqual([{ page_url: PAGE, digest_verdict: 'valid' }])
  await expect(replayed(store, hash('sha256', two))).rejects.toMatchObject({ code: 'not_found' })
  const { findings } = await examine(withIndex(store), actor, { repair: false })
  expect(findings).toEqual([])
})

test('erasing the import leaves nothing of the archive on the disk', async () => {
  const { store, one, two, importId } = await archived()
  await eraseMedia(withIndex(store), actor, {
    target: { kind: 'source', source: importId },
    reason: 'asked for',
    dryRun: false,
  })
  for (const trace of [one.subarray(500, 600), two.subarray(500, 600), 'secret-site', 'Secret title'])
    expect(holds(store, trace)).toBe(false)
  expect(await store.db.selectFrom('archive_file').selectAll().execute()).toEqual([])
})
