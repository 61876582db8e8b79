import type { DerivationStep } from '../../contract/derivation.ts'
import type { ReportCapture, ReportContent, ReportFrame, ReportMaterial } from '../report-content.ts'
import { strangersFigure } from '../../html-reports/strangers-text.ts'
import type { ReportTexts } from '../texts/text-shape.ts'
import type { PageWriter } from './page-writer.ts'
import type { Embedded } from './embedded.ts'

const PHOTO_HEIGHT = 190
const FRACTION_DIGITS = 4
const TIME_DIGITS = 3

/** Writes what the work began from: question, material, steps, software, search, what scores mean. */
export function writeSource(
  writer: PageWriter,
  content: ReportContent,
  pictures: Embedded,
  texts: ReportTexts,
): void {
  const { labels } = texts
  writer.heading(texts.title, 1)
  writer.notice(`${content.conclusion.words} ${texts.caution}`)
  if (content.about.protectedPicturesBlurred) writer.paragraph(texts.blurred, { weight: 700 })
  const { about, question } = content
  writer.facts([
    [labels.reportId, about.reportId],
    [labels.identificationId, about.identificationId],
    [labels.agency, about.agency],
    [labels.recipient, `${texts.recipients[about.recipient.kind]}: ${about.recipient.name}`],
    [labels.madeBy, about.madeBy],
    [labels.madeAt, about.madeAt],
  ])
  writer.heading(texts.sections.question, 2)
  writer.facts([
    [labels.propositions, labels.propositionsText],
    [labels.case, question.caseNumber],
    [labels.purpose, wordOf(texts.purposes, question.purpose)],
    [labels.legalBasis, question.legalBasis],
    [labels.person, [...question.personNames, question.personId ?? ''].filter(Boolean).join('; ')],
    [labels.concernsDead, question.concernsDead ? labels.yes : labels.no],
  ])
  writeMaterial(writer, content, pictures, texts)
  writer.heading(texts.sections.derivation, 2)
  const { steps, pixelsSha256 } = content.derivation
  if (steps.length === 0) writer.paragraph(labels.noSteps)
  steps.forEach((step, at) => writer.paragraph(`${at + 1}. ${stepWords(step, texts)}`))
  if (pixelsSha256 !== null) writer.facts([[labels.pixelsSha256, pixelsSha256]])
  writeSearch(writer, content, texts)
  writeSoftware(writer, content, texts)
}

function writeMaterial(
  writer: PageWriter,
  { material }: ReportContent,
  pictures: Embedded,
  texts: ReportTexts,
): void {
  const { labels } = texts
  writer.heading(texts.sections.material, 2)
  writer.heading(labels.probe, 3)
  writer.facts([
    ...materialFacts(material.probe, texts),
    [labels.label, material.probe.label ?? ''],
    [labels.addedBy, `${material.probe.addedBy}, ${material.probe.addedAt}`],
  ])
  writer.heading(labels.candidate, 3)
  const { candidate } = material
  if (candidate === null) writer.paragraph(labels.erased)
  else
    writer.facts([
      ...materialFacts(candidate, texts),
      [labels.collections, candidate.collections.join('; ')],
      [labels.camera, candidate.exifCapturedAt ?? ''],
      ...provenanceFacts(candidate, texts),
      [
        labels.sources,
        candidate.sources
          .map(({ name, sourceUrl, capturedAt, collector, licence, importedAt }) =>
            [name, sourceUrl, capturedAt, collector, licence, importedAt].filter(Boolean).join(', '),
          )
          .join('\n'),
      ],
    ])
  for (const { name, capture } of candidate?.sources ?? [])
    if (capture !== undefined && capture !== null) writeCapture(writer, name, capture, texts)
  const photos = (['probe-photo', 'candidate-photo'] as const).flatMap((name) => {
    const picture = pictures.get(name)
    const caption = name === 'probe-photo' ? labels.probe : labels.candidate
    return picture === undefined ? [] : [{ ...picture, caption: `${caption}. ${texts.othersBlurred}` }]
  })
  if (photos.length > 0) writer.pictures(photos, PHOTO_HEIGHT)
}

type Candidate = NonNullable<ReportContent['material']['candidate']>

/** What the file says of itself, apart from what sources claim. */
function provenanceFacts(
  { fileSays }: Candidate,
  { labels, zones, manifests }: ReportTexts,
): (readonly [string, string])[] {
  if (fileSays === undefined || fileSays === null) return []
  const { time, place, manifest } = fileSays
  const zone =
    time === undefined ? '' : [zones[time.zone], time.offset, time.offsetByGps].filter(Boolean).join(', ')
  const credentials =
    manifest === undefined
      ? manifests.absent
      : [
          manifests[manifest.state],
          manifest.generator,
          manifest.signer,
          manifest.signedAt,
          ...(manifest.problems ?? []),
        ]
          .filter(Boolean)
          .join(', ')
  return [
    [labels.cameraZone, zone],
    [labels.gpsTime, time?.gps ?? ''],
    [labels.place, place ?? ''],
    [labels.contentCredentials, credentials],
  ]
}

/** What the archive that held it says, with what checking it came to: one verdict a line. */
function writeCapture(writer: PageWriter, name: string, capture: ReportCapture, texts: ReportTexts): void {
  const { labels, verdicts } = texts
  const { archive } = capture
  writer.heading(`${labels.archived}: ${name}`, 3)
  writer.facts([
    [labels.page, [capture.pageTitle, capture.page].filter(Boolean).join(', ')],
    [labels.resource, capture.resource ?? ''],
    [labels.fetchedAt, capture.capturedAt ?? ''],
    [labels.recordId, capture.recordId ?? ''],
    [
      labels.recordDigest,
      [
        verdicts[capture.digestVerdict],
        capture.digestClaimed,
        capture.digestVerdict === 'invalid' ? capture.digestObserved : null,
      ]
        .filter(Boolean)
        .join(', '),
    ],
    ...(archive === null
      ? []
      : ([
          [labels.archive, [archive.name, archive.software].filter(Boolean).join(', ')],
          [labels.archiveSha256, archive.sha256],
          [labels.packageHashes, verdicts[archive.packageVerdict]],
          [
            labels.signature,
            [verdicts[archive.signatureVerdict], archive.signedBy, archive.signedAt]
              .filter(Boolean)
              .join(', '),
          ],
          [labels.archiveProblems, archive.problems.join('\n')],
        ] as const)),
  ])
}

function materialFacts(material: ReportMaterial, texts: ReportTexts): (readonly [string, string])[] {
  const { labels } = texts
  const { box, number, origin, quality } = material.face
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(Math.round)
  return [
    [labels.sha256, material.sha256],
    [labels.size, `${material.widthPx} × ${material.heightPx}`],
    [labels.remarks, remarkWords(material, texts)],
    ...(material.frame === undefined ? [] : [[labels.frame, frameWords(material.frame, texts)] as const]),
    [labels.face, `${number} (${origin}): ${x}, ${y}, ${width} × ${height}`],
    [
      labels.quality,
      Object.entries(quality)
        .filter(([, value]) => typeof value === 'number')
        .map(([name, value]) => `${wordOf(texts.qualities, name)} ${(value as number).toFixed(2)}`)
        .join(', '),
    ],
  ]
}

function remarkWords({ remarks = [] }: ReportMaterial, texts: ReportTexts): string {
  return remarks.map(({ kind, count }) => texts.remarks[kind].replace('{{number}}', String(count))).join('\n')
}

function frameWords(frame: ReportFrame, { labels }: ReportTexts): string {
  const { timeS, pts, streamIndex, track, pixelsSha256, videoSha256, ffmpeg } = frame
  const place = [
    `${timeS.toFixed(TIME_DIGITS)} s`,
    `pts ${pts}`,
    `${labels.stream} ${streamIndex}`,
    ...(track === undefined ? [] : [`${labels.track} ${track}`]),
  ]
  return `${place.join(', ')}\n${labels.video} SHA-256 ${videoSha256}\n${labels.pixelsSha256} ${pixelsSha256}\n${ffmpeg}`
}

function writeSearch(writer: PageWriter, { search, calibration }: ReportContent, texts: ReportTexts): void {
  const { labels } = texts
  writer.heading(texts.sections.search, 2)
  writer.facts([
    [labels.searchedBy, search.searchedBy],
    [labels.searchedAt, search.at],
    [labels.collections, search.collections.map(({ title }) => title ?? labels.collectionUnseen).join('; ')],
    [labels.gallery, String(search.gallerySize)],
    [labels.undated, String(search.facesUndated)],
    [labels.parameters, pairs(search.parameters)],
    [labels.threshold, search.threshold.toFixed(FRACTION_DIGITS)],
    [labels.agreement, search.probeAgreement?.toFixed(FRACTION_DIGITS) ?? ''],
    [labels.list, search.listSha256],
  ])
  writer.table(
    [
      // Wide enough for the word that marks the examined one, in one piece.
      { title: labels.rank, share: 1.4 },
      { title: labels.similarity, share: 1 },
      { title: labels.strangers, share: 1.6 },
      { title: labels.media, share: 5.5 },
    ],
    search.candidates.map((candidate) => [
      candidate.rank === search.examinedRank
        ? `${candidate.rank} (${labels.examined})`
        : String(candidate.rank),
      candidate.similarity.toFixed(FRACTION_DIGITS),
      strangersWords(candidate, labels),
      candidate.mediaSha256 ?? labels.erased,
    ]),
  )
  if (search.more) writer.paragraph(labels.more)
  writer.heading(texts.sections.calibration, 2)
  writer.facts(
    Object.entries(calibration).map(([name, value]) => {
      const words = String(value)
      return [wordOf(texts.calibrations, name), name === 'source' ? wordOf(texts.scoreSources, words) : words]
    }),
  )
}

/** Strangers expected, in a cell of the table of candidates. */
export function strangersWords(
  { strangersExpected, extrapolated }: ReportContent['search']['candidates'][number],
  labels: ReportTexts['labels'],
): string {
  if (strangersExpected === null) return labels.notMeasured
  const figure = strangersFigure(strangersExpected, extrapolated === true)
  return extrapolated === true ? `${labels.fewerThan} ${figure}` : figure
}

function writeSoftware(writer: PageWriter, { software }: ReportContent, texts: ReportTexts): void {
  const { labels } = texts
  writer.heading(texts.sections.software, 2)
  const { pack } = software
  writer.facts([
    [labels.version, `Likeness ${software.likeness}`],
    [labels.program, software.programSha256],
    [labels.runtime, `Node ${software.node}`],
    [labels.libraries, pairs(software.libraries)],
    [labels.pack, [pack.id, pack.pipelineVersion, pack.title, pack.licence].filter(Boolean).join('; ')],
    ...(pack.provenance ? [[labels.packProvenance, pack.provenance] as const] : []),
  ])
  if (software.models.length === 0) return
  writer.table(
    [
      { title: labels.file, share: 2 },
      { title: 'SHA-256', share: 4 },
    ],
    software.models.map(({ path, sha256 }) => [path, sha256]),
  )
}

function stepWords(step: DerivationStep, { steps }: ReportTexts): string {
  const values = step as unknown as Record<string, number>
  return steps[step.kind].replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]))
}

function pairs(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join('; ')
}

/** The word of a code, or the code where there is none. */
export function wordOf(words: Readonly<Record<string, string>>, code: string): string {
  return words[code] ?? code
}
