import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { recordWarc, serveSite, siteOf, written } from '../../../test/support/archived-pages.ts'
import { zipOf } from '../../../test/support/hostile-archives.ts'
import { gzipBomb, mutated, numbersFrom, warcRecord } from '../../../test/support/hostile-warcs.ts'
import { mhtmlOf } from '../../../test/support/mhtml-files.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import { anonymousSigner, waczOf } from '../../../test/support/wacz-files.ts'
import { MAX_ARCHIVE_RECORDS, MAX_WHOLE_BYTES } from './archive-limits.ts'
import { ArchiveThread } from './archive-thread.ts'
import { ArchiveFault, type ArchiveFacts } from './capture.ts'
import { type SurveyedItem } from './surveyed-item.ts'

const MUTANTS = 600
const thread = new ArchiveThread()
afterAll(() => thread.close())

const jpeg = (mark: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(mark.repeat(2000))])

interface Seen {
  facts: ArchiveFacts
  items: SurveyedItem[]
}

/** What an import would see; the fault when the archive as a whole cannot be read. */
async function seen(file: string): Promise<Seen | ArchiveFault | undefined> {
  try {
    const kind = await thread.ask('detect', { location: { file } })
    if (kind === undefined) return undefined
    const facts = await thread.ask('survey', { location: { file }, kind, name: 'archive' })
    return { facts, items: await thread.ask('items', { from: 0, count: 1000 }) }
  } catch (error) {
    if (error instanceof ArchiveFault) return error
    throw error
  }
}

async function contentOf(file: string, { claims }: SurveyedItem): Promise<Buffer | ArchiveFault> {
  const { place, digest } = claims!.capture!
  try {
    const kind = place!.length === undefined ? 'warc' : 'mhtml'
    return Buffer.from(
      await thread.ask('read', { location: { file }, kind, place: place!, surveyed: digest.verdict }),
    )
  } catch (error) {
    if (error instanceof ArchiveFault) return error
    throw error
  }
}

test(`${MUTANTS} mutated archives: each is read as far as it is whole, or says what is wrong; no changed picture passes as good`, async () => {
  const pictures = { img: jpeg('i'), set: jpeg('s'), css: jpeg('c'), inline: jpeg('n'), poster: jpeg('p') }
  const site = siteOf(
    pictures,
    Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(900, 7)]),
  )
  const { origin, close } = await serveSite(site)
  const warc = await recordWarc(origin, Object.keys(site))
  const plain = await recordWarc(origin, Object.keys(site), { gzip: false })
  await close()
  const wacz = await waczOf(
    { 'data.warc.gz': warc },
    { pages: [{ id: 'p', url: `${origin}/post` }], signer: anonymousSigner() },
  )
  const mhtml = mhtmlOf('https://example.org/', 'Page', { 'a.jpg': jpeg('a'), 'b.jpg': jpeg('b') })
  const originals = [warc, plain, wacz, mhtml]
  const good = new Set(Object.values(site).map(({ bytes }) => bytes.toString('latin1')))
  const next = numbersFrom(8)
  const folder = scratchFolder()
  const tally = { whole: 0, faults: 0, none: 0, good: 0, marked: 0, refused: 0 }
  const unexpected: string[] = []
  for (let at = 0; at < MUTANTS; at++) {
    const bytes = mutated(originals[at % originals.length], next)
    const file = written(folder, `mutant-${at}`, bytes)
    const result = await seen(file)
    if (result === undefined) tally.none += 1
    else if (result instanceof ArchiveFault) {
      tally.faults += 1
      // Anything that was not thought of comes as `read_failed` with the error's own words.
      if (result.reason === 'read_failed') unexpected.push(`${at}: ${result.message}`)
    } else {
      tally.whole += 1
      for (const item of result.items) {
        if (item.refusal !== undefined) {
          tally.refused += 1
          continue
        }
        const verdict = item.claims?.capture?.digest.verdict
        const content = await contentOf(file, item)
        if (content instanceof ArchiveFault) {
          if (content.reason === 'read_failed') unexpected.push(`${at}: ${content.message}`)
          tally.refused += 1
        } else if (verdict === 'valid') {
          tally.good += 1
          if (!good.has(content.toString('latin1')))
            unexpected.push(`${at}: a changed picture passed as good`)
        } else tally.marked += 1
      }
    }
  }
  expect(unexpected).toEqual([])
  // The mutations are neither all deadly nor all harmless.
  for (const count of Object.values(tally)) expect(count).toBeGreaterThan(0)
}, 120_000)

test('a gzip bomb ends the archive, not the program; what came before it counts', async () => {
  const file = written(
    scratchFolder(),
    'bomb.warc.gz',
    Buffer.concat([gzipSync(warcRecord('https://example.org/a.jpg', jpeg('a'))), gzipBomb(300)]),
  )
  const result = (await seen(file)) as Seen
  expect(result.items.map(({ name, refusal }) => [name, refusal?.reason])).toEqual([
    ['https://example.org/a.jpg', undefined],
    ['(rest of the archive)', 'inflates_too_much'],
  ])
})

test('MAX_WHOLE_BYTES: a part that the zip compresses again and that inflates further is refused', async () => {
  const zip = zipOf([{ name: 'archive/data.warc', bytes: Buffer.alloc(MAX_WHOLE_BYTES + 1) }])
  const result = (await seen(written(scratchFolder(), 'bomb.wacz', zip))) as Seen
  expect(result.items[0].refusal).toMatchObject({
    reason: 'too_many_bytes',
    detail: expect.stringContaining('MAX_WHOLE_BYTES'),
  })
})

test('MAX_ARCHIVE_RECORDS: records beyond it are not read, and that is said', async () => {
  const one = Buffer.from('WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 0\r\n\r\n\r\n\r\n')
  const file = written(
    scratchFolder(),
    'many.warc',
    Buffer.alloc(one.byteLength * (MAX_ARCHIVE_RECORDS + 2), one),
  )
  const result = (await seen(file)) as Seen
  expect(result.items[0].refusal).toMatchObject({
    reason: 'too_many_entries',
    detail: expect.stringContaining('MAX_ARCHIVE_RECORDS'),
  })
}, 120_000)
