import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { main } from '../src/cli/main.ts'
import { ProgressLine } from '../src/cli/output/progress.ts'
import { fetchSamplePhotos, groupPhoto } from './sample-photos.ts'

/**
 * The demo: finds the fair-haired person of the first sample photo (the third face from the left) in the others and
 * writes the page with the pictures side by side. Fetches weights and photos on the first run only.
 */
const OUTPUT = 'demo-output'
const line = new ProgressLine('Fetching sample photos, once')
await fetchSamplePhotos(['groups'], (_set, { receivedBytes, totalBytes }) =>
  line.update(receivedBytes, totalBytes),
)
line.end()
await mkdir(OUTPUT, { recursive: true })
const probe = groupPhoto(1)
const report = path.join(OUTPUT, 'find.html')
process.stdout.write(`$ likeness find ${probe} --face 3 --in ${path.dirname(probe)} --report ${report}\n\n`)
await main([
  'node',
  'likeness',
  'find',
  probe,
  '--face',
  '3',
  '--in',
  path.dirname(probe),
  '--report',
  report,
])
process.stdout.write(`\nOpen ${report} in a browser.\n`)
