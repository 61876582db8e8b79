import process from 'node:process'
import { parseArgs } from 'node:util'
import { ExifReader } from '../../src/sources/exif/exif-reader.ts'
import { OF_A_CAMERA, photoWith } from '../../test/support/exif-photo.ts'
import { median } from '../engine/measure.ts'

/**
 * What reading a photo's EXIF costs where photos come one by one, as uploads do: with the reader that all uploads share,
 * beside a reader and so a thread for each photo. In turns, one photo at a time. `--json` prints the figures as JSON.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    photos: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
})
const photos = Number(values.photos)
const photo = await photoWith(OF_A_CAMERA, { width: 1600, height: 1200 })

async function readWith(reader: ExifReader): Promise<void> {
  const { capturedAt, device } = await reader.read(photo)
  if (capturedAt === undefined || device === undefined) throw new Error('The EXIF was not read.')
}

/** @returns milliseconds a photo */
async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  for (let count = 0; count < photos; count++) await work()
  return (performance.now() - started) / photos
}

const shared = new ExifReader()
// Its thread begins with the first photo.
await readWith(shared)
const rounds: { shared: number; own: number }[] = []
for (let round = 0; round < Number(values.rounds); round++)
  rounds.push({
    shared: await timed(() => readWith(shared)),
    own: await timed(async () => {
      const reader = new ExifReader()
      await readWith(reader)
      await reader.close()
    }),
  })
await shared.close()
const result = {
  'shared reader, ms a photo': median(rounds.map(({ shared }) => shared)).toFixed(2),
  'a reader a photo, ms a photo': median(rounds.map(({ own }) => own)).toFixed(1),
  'a reader a photo / shared, median of rounds': median(
    rounds.map(({ shared, own }) => own / shared),
  ).toFixed(0),
}
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
else for (const [name, figure] of Object.entries(result)) process.stdout.write(`${name}: ${figure}\n`)
