import type { ChecklistEntry, Region } from '../../contract/examination-words.ts'
import { FACIAL_FEATURES } from '../../contract/examination-words.ts'
import type {
  ReportComparison,
  ReportContent,
  ReportExamination,
  ReportVerification,
} from '../report-content.ts'
import type { ReportTexts } from '../texts/text-shape.ts'
import type { PageWriter } from './page-writer.ts'
import type { Embedded } from './embedded.ts'
import { drawLayout, layOut } from './text-layout.ts'

const FACE_HEIGHT = 235
const SIMILAR = '#1f7a3d'
const DIFFERENT = '#b3261e'
const UNJUDGED = '#666666'
const NUMBER_SIZE = 6.5
const SHORT_HASH = 16

/** Writes examinations with their checklists and marked pictures, then the line-ups. */
export function writeComparisons(
  writer: PageWriter,
  content: ReportContent,
  pictures: Embedded,
  texts: ReportTexts,
): void {
  writer.heading(texts.sections.examinations, 2)
  if (content.examinations.length === 0) writer.paragraph(texts.labels.none)
  for (const examination of content.examinations) {
    writeExamination(writer, examination, pictures, texts)
  }
  writer.heading(texts.sections.verifications, 2)
  writer.paragraph(texts.verificationText)
  if (content.verifications.length === 0) writer.paragraph(texts.labels.none)
  for (const verification of content.verifications) writeLineup(writer, verification, texts)
  for (const { verifier, at, by, relation } of content.voidLineups ?? [])
    writer.paragraph(`${texts.voidLineup} ${verifier}; ${at}; ${by}: ${texts.unblindings[relation]}.`)
}

function writeExamination(
  writer: PageWriter,
  examination: ReportExamination,
  pictures: Embedded,
  texts: ReportTexts,
): void {
  const { labels } = texts
  const { round, analysis } = examination
  const name = round === 1 ? texts.rounds.first : round === 2 ? texts.rounds.second : texts.rounds.third
  writer.heading(`${name}: ${examination.examiner}`, 3)
  if (examination.isSuperseded) writer.paragraph(labels.superseded, { weight: 700 })
  writer.facts([
    [labels.begun, examination.begunAt],
    [labels.finished, examination.finishedAt],
    [labels.analysis, analysis.note],
    [labels.suitable, analysis.isSuitable ? labels.yes : labels.no],
    [labels.limits, analysis.limits.map((limit) => texts.limits[limit]).join(', ')],
  ])
  const candidate = examination.items.find(({ role }) => role === 'candidate')
  if (candidate === undefined) return
  if (candidate.checklist.length > 0) {
    writeMarkedPictures(writer, candidate, pictures, texts)
    writer.table(
      [
        { title: labels.feature, share: 1.6 },
        { title: labels.finding, share: 1.4 },
        { title: labels.note, share: 4 },
      ],
      inOrder(candidate.checklist).map((entry) => [
        `${numberOf(entry)}. ${texts.features[entry.feature]}`,
        texts.findings[entry.finding],
        entry.note,
      ]),
    )
  }
  writer.facts([
    [labels.evaluation, candidate.evaluation],
    [labels.conclusion, candidate.conclusion === null ? '' : texts.conclusions[candidate.conclusion]],
  ])
}

function writeMarkedPictures(
  writer: PageWriter,
  { checklist }: ReportComparison,
  pictures: Embedded,
  { labels }: ReportTexts,
): void {
  const marked = (['probe-face', 'candidate-face'] as const).flatMap((name) => {
    const picture = pictures.get(name)
    if (picture === undefined) return []
    const isProbe = name === 'probe-face'
    const draw = (left: number, top: number, width: number, height: number): void => {
      for (const entry of inOrder(checklist)) {
        const region = isProbe ? entry.probeRegion : entry.comparedRegion
        if (region !== null) drawRegion(writer, region, entry, { left, top, width, height })
      }
    }
    return [{ ...picture, caption: isProbe ? labels.probe : labels.candidate, draw }]
  })
  if (marked.length > 0) writer.pictures(marked, FACE_HEIGHT)
}

function drawRegion(
  { pdf }: PageWriter,
  region: Region,
  entry: ChecklistEntry,
  frame: { left: number; top: number; width: number; height: number },
): void {
  const colour = entry.finding === 'similar' ? SIMILAR : entry.finding === 'different' ? DIFFERENT : UNJUDGED
  const x = frame.left + region.x * frame.width
  const y = frame.top + region.y * frame.height
  // A region that reaches past the picture is drawn as far as the picture goes.
  const width = Math.min(region.width * frame.width, frame.left + frame.width - x)
  const height = Math.min(region.height * frame.height, frame.top + frame.height - y)
  pdf.rect(x, y, width, height).lineWidth(1).stroke(colour)
  const label = layOut(pdf, String(numberOf(entry)), 20, NUMBER_SIZE, 700)
  const labelWidth = label.lines[0].reduce((sum, run) => sum + run.width, 0) + 3
  pdf.rect(x, y, labelWidth, NUMBER_SIZE + 2.5).fill(colour)
  drawLayout(pdf.fillColor('#ffffff'), label, x + 1.5, y - 0.2)
}

function writeLineup(writer: PageWriter, verification: ReportVerification, texts: ReportTexts): void {
  const { labels } = texts
  const { round } = verification
  writer.heading(`${round === 2 ? texts.rounds.second : texts.rounds.third}: ${verification.verifier}`, 3)
  writer.facts([
    [labels.assignedBy, verification.assignedBy ?? labels.fromQueue],
    [labels.taken, verification.takenAt],
    [labels.finished, verification.finishedAt],
    [labels.outcome, texts.outcomes[verification.outcome as keyof ReportTexts['outcomes']]],
    [labels.fillersChosen, String(verification.fillersChosen)],
    [labels.ceiling, verification.ceiling.toFixed(4)],
    [labels.seed, verification.seed],
  ])
  writer.table(
    [
      { title: labels.position, share: 0.8 },
      { title: labels.role, share: 1.1 },
      { title: labels.similarity, share: 1 },
      { title: labels.quality, share: 0.9 },
      { title: labels.media, share: 2.2 },
      { title: labels.conclusion, share: 3 },
    ],
    verification.faces.map((face) => [
      String(face.position),
      texts.roles[face.role],
      face.similarity.toFixed(4),
      face.quality.toFixed(2),
      face.mediaSha256 === null ? labels.erased : `${face.mediaSha256.slice(0, SHORT_HASH)}…`,
      face.conclusion === null ? '' : texts.conclusions[face.conclusion],
    ]),
  )
}

function inOrder(entries: readonly ChecklistEntry[]): ChecklistEntry[] {
  return entries.toSorted((a, b) => numberOf(a) - numberOf(b))
}

/** Number of a feature on the checklist, from 1: what stands beside its regions. */
function numberOf({ feature }: ChecklistEntry): number {
  return FACIAL_FEATURES.indexOf(feature) + 1
}
