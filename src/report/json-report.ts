import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { SigningKey } from '../audit/signing-key.ts'
import type { ReportContent, ReportPicture } from './report-content.ts'
import { makeSeal, sealFaults, sealSchema, type Seal, type SealedPart } from './seal.ts'

/** A report as a program reads it. */
interface JsonReport {
  report: ReportContent
  pictures: { name: string; blurred: boolean; jpegBase64: string }[]
  seal: Seal
}

const shape = z.object({
  report: z.record(z.string(), z.unknown()),
  pictures: z.array(z.object({ name: z.string(), blurred: z.boolean(), jpegBase64: z.string() })),
  seal: sealSchema,
})

/** The report as JSON, sealed section by section. The same content, pictures and key give the same bytes. */
export function writeJsonReport(
  content: ReportContent,
  pictures: readonly ReportPicture[],
  key: SigningKey,
): Uint8Array {
  const written = pictures.map(({ name, blurred, bytes }) => ({
    name,
    blurred,
    jpegBase64: Buffer.from(bytes).toString('base64'),
  }))
  const seal = makeSeal(content.about.reportId, partsOf({ report: { ...content }, pictures: written }), key)
  const document: JsonReport = { report: content, pictures: written, seal }
  return Buffer.from(serialise(document))
}

/** What is wrong with a JSON report, in sentences; empty when all holds. */
export function jsonReportFaults(
  bytes: Uint8Array,
  trusted: KeyObject | undefined,
): { faults: string[]; seal: Seal | undefined } {
  const text = Buffer.from(bytes).toString('utf8')
  const parsed = parse(text)
  if (typeof parsed === 'string') return { faults: [parsed], seal: undefined }
  const { report, pictures, seal } = parsed
  const faults = sealFaults(seal, partsOf({ report, pictures }), trusted)
  // What JSON does not tell apart (white space, escapes, repeated names, more names) is told apart here.
  const canonical = Buffer.from(serialise({ report, pictures, seal }))
  if (faults.length === 0 && !canonical.equals(bytes)) {
    faults.push(
      `The file differs from how it was written, ${placeOf(text, firstDifference(canonical, bytes))}.`,
    )
  }
  return { faults, seal }
}

function partsOf({ report, pictures }: Pick<z.infer<typeof shape>, 'report' | 'pictures'>): SealedPart[] {
  return [
    ...Object.entries(report).map(([name, section]) => ({
      name: `section ${name}`,
      bytes: Buffer.from(JSON.stringify(section)),
    })),
    ...pictures.map((picture) => ({
      name: `picture ${picture.name}`,
      bytes: Buffer.from(JSON.stringify(picture)),
    })),
  ]
}

function serialise(document: object): string {
  return `${JSON.stringify(document, null, 1)}\n`
}

function parse(text: string): z.infer<typeof shape> | string {
  try {
    const parsed = shape.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
    const [{ path, message }] = parsed.error.issues
    return `The file is not a whole report: ${path.join('.')}: ${message}.`
  } catch (error) {
    const at = Number(/position (\d+)/.exec(String(error))?.[1] ?? 0)
    return `The file is no JSON any more, ${placeOf(text, at)}.`
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.byteLength, b.byteLength)
  for (let at = 0; at < shorter; at++) if (a[at] !== b[at]) return at
  return shorter
}

/** Where a byte stands, in words: the last section that begins before it. */
function placeOf(text: string, at: number): string {
  const before = [...text.slice(0, at).matchAll(/^ {1,2}"(\w+)":/gm)].at(-1)?.[1]
  return `at byte ${at}${before === undefined ? '' : `, in or after ${before}`}`
}
