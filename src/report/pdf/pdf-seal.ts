import type { KeyObject } from 'node:crypto'
import type { SigningKey } from '../../audit/signing-key.ts'
import { makeSeal, sealFaults, sealSchema, type Seal } from '../seal.ts'

/**
 * [Note: PDF seal]
 * After the PDF's own end stands a comment with the seal, then the pointer to the cross-reference table once more, so that
 * readers, which look at the end first, find it: to them the comment is nothing. The seal's parts are the pages (the
 * objects that only one page uses) and what pages share (fonts, pictures, structure); together every byte before the seal.
 */
const MARK = '%likeness-seal '

/** Which objects, by number, only one page uses. */
export type PageObjects = ReadonlyMap<number, readonly number[]>

/** Seals the bytes of a PDF. @param pages object numbers of each page, from 1 */
export function sealPdf(reportId: string, pdf: Uint8Array, pages: PageObjects, key: SigningKey): Uint8Array {
  const bytes = Buffer.from(pdf)
  const { start, offsets } = readXref(bytes)
  const ends = [...offsets.values(), start].toSorted((a, b) => a - b)
  const pageParts = [...pages].map(([page, objects]) => ({
    name: `page ${page}`,
    ranges: merge(
      objects.map((number): [number, number] => {
        const from = offsets.get(number)!
        return [from, ends.find((end) => end > from)!]
      }),
    ),
  }))
  const taken = pageParts.flatMap(({ ranges }) => ranges).toSorted((a, b) => a[0] - b[0])
  const shared: [number, number][] = []
  let at = 0
  for (const [from, to] of taken) {
    if (from > at) shared.push([at, from])
    at = to
  }
  shared.push([at, bytes.byteLength])
  const parts = [...pageParts, { name: 'what pages share', ranges: shared }]
  const seal = makeSeal(
    reportId,
    parts.map(({ name, ranges }) => ({ name, ranges, bytes: cut(bytes, ranges) })),
    key,
  )
  return Buffer.concat([bytes, Buffer.from(trailer(seal, start))])
}

/** What is wrong with a sealed PDF, in sentences; empty when all holds. */
export function pdfFaults(
  file: Uint8Array,
  trusted: KeyObject | undefined,
): { faults: string[]; seal: Seal | undefined } {
  const bytes = Buffer.from(file)
  const mark = bytes.lastIndexOf(`\n${MARK}`)
  const seal = mark === -1 ? undefined : readSeal(bytes.subarray(mark + 1 + MARK.length))
  if (seal === undefined) {
    return { faults: ['There is no seal at the end of the file, or it was changed.'], seal: undefined }
  }
  const body = bytes.subarray(0, mark + 1)
  const length = Math.max(...seal.parts.flatMap(({ ranges = [] }) => ranges.map(([, to]) => to)), 0)
  const faults = sealFaults(
    seal,
    seal.parts.map(({ name, ranges = [] }) => ({ name, ranges, bytes: cut(body, ranges) })),
    trusted,
  )
  if (body.byteLength !== length) {
    faults.push(`The file has ${body.byteLength} bytes before the seal; ${length} were sealed.`)
  }
  const covered = seal.parts.flatMap(({ ranges = [] }) => ranges).toSorted((a, b) => a[0] - b[0])
  if (covered.some(([from], at) => from !== (at === 0 ? 0 : covered[at - 1][1]))) {
    faults.push('The seal does not cover the whole file.')
  }
  if (faults.length === 0) {
    const expected = trailer(seal, readXref(body).start)
    if (bytes.subarray(mark + 1).toString('latin1') !== Buffer.from(expected).toString('latin1')) {
      faults.push('The end of the file, after the seal, was changed.')
    }
  }
  return { faults, seal }
}

function trailer(seal: Seal, start: number): string {
  return `${MARK}${JSON.stringify(seal)}\nstartxref\n${start}\n%%EOF\n`
}

function readSeal(bytes: Buffer): Seal | undefined {
  const end = bytes.indexOf('\n')
  try {
    return sealSchema.parse(JSON.parse(bytes.subarray(0, end).toString('utf8')))
  } catch {
    return undefined
  }
}

/** Where the cross-reference table stands, and each object, by the table (ISO 32000-1, 7.5.4). */
function readXref(bytes: Buffer): { start: number; offsets: Map<number, number> } {
  const pointer = bytes.lastIndexOf('startxref')
  const start = Number(
    /^startxref\s+(\d+)/.exec(bytes.subarray(pointer, pointer + 40).toString('latin1'))?.[1],
  )
  const [, head, count, table] =
    /^(xref\n0 (\d+)\n)([\s\S]*?)trailer/.exec(bytes.subarray(start).toString('latin1')) ?? []
  if (head === undefined) return { start, offsets: new Map() }
  const lines = table.split('\n').slice(0, Number(count))
  return {
    start,
    offsets: new Map(
      lines.flatMap((line, number) =>
        line.trimEnd().endsWith('n') ? [[number, Number(line.slice(0, 10))] as const] : [],
      ),
    ),
  }
}

function merge(ranges: readonly [number, number][]): [number, number][] {
  const merged: [number, number][] = []
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last?.[1] === from) last[1] = to
    else merged.push([from, to])
  }
  return merged
}

function cut(bytes: Buffer, ranges: readonly [number, number][]): Buffer {
  return Buffer.concat(ranges.map(([from, to]) => bytes.subarray(from, to)))
}
