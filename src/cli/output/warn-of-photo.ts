import { ADVICE_SENTENCES } from '../../engine/quality/advice.ts'
import type { PhotoFacts } from '../../engine/types.ts'
import { printable, type Probe } from '../../search/choose-probe-face.ts'
import { remarkSentences } from '../../store/photo-remarks.ts'
import { warn } from './terminal.ts'

/** Says on standard error what of a file was not read: cut short, pictures or a video behind it, a raw's preview alone. */
export function warnOfRemarks(file: string, { remarks }: Pick<PhotoFacts, 'remarks'>): void {
  const sentences = remarkSentences(remarks)
  if (sentences !== null) warn(`${printable(file)}: ${sentences}`)
}

/** The same of a probe, and that its face may be none. */
export function warnOfProbe({ file, photo, face }: Probe): void {
  warnOfRemarks(file, photo)
  if (face.quality.advice.includes('unsure_face')) warn(`${printable(file)}: ${ADVICE_SENTENCES.unsure_face}`)
}
