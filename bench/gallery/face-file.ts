import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { FaceMaker, gaussians, normalise } from './faces.ts'

const PIECE_ROWS = 10_000
/** Length of the noise that is put on real templates, of length 1: copies of one are at a cosine of about 0.5 to each other. */
const NOISE_LENGTH = 1

/** Writes float templates of `rows` faces to a file: made-up people, or noisy copies of real templates from a file. */
export function writeFaces(file: string, rows: number, length: number, templates: string | undefined): void {
  const real = templates === undefined ? undefined : readTemplates(templates, length)
  const maker = new FaceMaker(length, 7)
  const next = gaussians(11)
  const out = openSync(file, 'w')
  const piece = new Float32Array(PIECE_ROWS * length)
  for (let start = 0; start < rows; start += PIECE_ROWS) {
    const count = Math.min(PIECE_ROWS, rows - start)
    for (let i = 0; i < count; i++) {
      const face = piece.subarray(i * length, (i + 1) * length)
      if (real === undefined) maker.person(face)
      else {
        const from = ((start + i) % (real.length / length)) * length
        for (let j = 0; j < length; j++)
          face[j] = real[from + j] + (next() * NOISE_LENGTH) / Math.sqrt(length)
        normalise(face)
      }
    }
    writeSync(out, new Uint8Array(piece.buffer, 0, count * length * 4))
  }
  closeSync(out)
}

/** Float32 templates one after another, brought to unit length. */
function readTemplates(file: string, length: number): Float32Array {
  const bytes = readFileSync(file)
  if (bytes.length === 0 || bytes.length % (length * 4) !== 0) {
    throw new Error(`${file} does not hold templates of ${length} float32 numbers`)
  }
  const templates = new Float32Array(new Uint8Array(bytes).buffer)
  for (let at = 0; at < templates.length; at += length) normalise(templates.subarray(at, at + length))
  return templates
}
