import { execFileSync } from 'node:child_process'
import process from 'node:process'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { scratchFolder } from './support/scratch-folder.ts'

const MODEL = 'Canon EOS 5D Mark IV'

/** Starts a thread of each area and says what came of it. Arguments: a data folder, a photo as base64. */
const PROGRAM = `
import { openStore } from './src/store/store.ts'
import { readPeopleFile } from './src/missing/people-file/read-people-file.ts'
import { ExifReader } from './src/sources/exif/exif-reader.ts'
import { ArchiveThread } from './src/sources/web-archive/archive-thread.ts'
import { PicturePool } from './src/pictures/picture-pool.ts'
import { openGallery } from './src/gallery/embedded-gallery.ts'

const [dataFolder, base64] = process.argv.slice(-2)
const photo = new Uint8Array(Buffer.from(base64, 'base64'))
const never = new AbortController().signal
const store = await openStore({ dataFolder, operatorKey: undefined, inThreads: true })
const agencies = await store.db.selectFrom('agency').selectAll().execute()
await store.record.renewChecksums()
await store.close()
const people = await readPeopleFile(Buffer.from('full_name\\nOlena\\n'), '2026-01-01', never).catch((error) => error.message)
const exif = new ExifReader()
const { device } = await exif.read(photo)
await exif.close()
const archives = new ArchiveThread()
const closed = await archives.ask('close', {}).then(() => 'answered', (error) => error.message)
await archives.close()
const pictures = new PicturePool()
const { widthPx } = await pictures.make({ want: 'derived', photo, steps: [] }, never)
await pictures.close()
const { gallery } = await openGallery({ label: 'a', templateLength: 16, threads: 1, loadTemplates: (ids) => ids.map(() => undefined) })
await gallery.close()
console.log(JSON.stringify({ agencies: agencies.length, people, device, closed, widthPx }))
`

test('threads start whatever flags the main program was started with, and do their work', async () => {
  const photo = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
    .withExif({ IFD0: { Make: 'Canon', Model: MODEL } })
    .jpeg()
    .toBuffer()
  const flags = ['--input-type=module', '--no-warnings', '-e', PROGRAM]
  const args = [...flags, '--', scratchFolder(), photo.toString('base64')]
  const said = execFileSync(process.execPath, args, { encoding: 'utf8' })
  expect(JSON.parse(said)).toEqual({
    agencies: 0,
    people: { format: 'csv', rows: [expect.any(Object)] },
    device: expect.stringContaining(MODEL),
    closed: 'answered',
    widthPx: 40,
  })
})
