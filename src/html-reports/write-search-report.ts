import { writeFile } from 'node:fs/promises'
import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { pictureOfMedia } from '../media/picture-of-media.ts'
import { printable, type Probe } from '../search/choose-probe-face.ts'
import type { CandidateGroup, FoundFace, FoundMedia } from '../media/describe-candidates.ts'
import { escapeHtml, page } from './page.ts'
import { CAUTION, facts, pair, picture, probeFacts, PROVENANCE, STRANGERS_EXPLAINED } from './report-parts.ts'
import { strangersText } from './strangers-text.ts'
import type { CollectionSearch } from '../search/search-collections.ts'

export interface SearchReportInput {
  /** File to write. */
  target: string
  search: CollectionSearch
  probes: readonly Probe[]
  /** Shows pictures of sensitive collections and sources as they are, instead of blurred. */
  showSensitive: boolean
}

/**
 * Writes one self-contained HTML page of a search over collections: the first probe beside each candidate, with what the
 * score means and where the photo comes from. Pictures leave the record with it, so the audit log says how many, and
 * whether sensitive ones were shown.
 * @throws AppError `corrupt_record` naming a damaged original
 */
export async function writeSearchReport(
  ctx: Pick<Context, 'store' | 'videos'>,
  actor: Actor,
  { target, search, probes, showSensitive }: SearchReportInput,
): Promise<void> {
  const probePictures: string[] = []
  for (const [at, probe] of probes.entries()) {
    probePictures.push(
      await picture(
        probe.file,
        probe.face.boxPx,
        probes.length === 1 ? 'The probe' : `Probe ${at + 1} of ${probes.length}`,
      ),
    )
  }
  const sections: string[] = []
  for (const [at, group] of search.groups.entries()) {
    const ended = group.person === undefined && search.groups[at - 1]?.person !== undefined
    if (ended) sections.push('<h3>Not linked with anybody</h3>')
    sections.push(await groupSection(ctx, group, probePictures[0], showSensitive))
  }
  const { candidates, collections } = search
  const body = `
<h1>Faces that look like the probe</h1>
<p class="soft">${escapeHtml(new Date().toISOString())} · search ${escapeHtml(search.searchId)} · model pack ${escapeHtml(search.model.packId)}, pipeline ${escapeHtml(search.model.pipelineVersion)}</p>
${CAUTION}
<h2>${probes.length === 1 ? 'Probe' : 'Probes, searched as one'}</h2>
${probes.map((probe, at) => pair(probePictures[at], '<div></div>', probeFacts(probe))).join('\n')}
<h2>${candidates === 0 ? 'No candidate' : `${candidates} ${candidates === 1 ? 'candidate' : 'candidates'}`}</h2>
<p>Searched: ${search.facesSearched} faces in ${escapeHtml(collections.map(({ title }) => title).join(', '))}. Candidates have a similarity of at least ${search.threshold.toFixed(3)}${search.more ? '; more lie beyond the limit' : ''}.${search.facesUndated > 0 ? ` ${search.facesUndated} faces were not searched because nobody knows their date.` : ''}</p>
${candidates === 0 ? '<p>No face reaches the threshold. That is a result: the person may not be in these photos, or not well enough to be seen.</p>' : STRANGERS_EXPLAINED}
${sections.join('\n')}
${copiesSection(search.copies)}
${PROVENANCE}`
  await writeFile(target, page('Likeness: faces that look like the probe', body), { mode: 0o600 })
  await ctx.store.db.transaction().execute((tx) =>
    appendAuditEvent(tx, actor, {
      action: 'search.report',
      agencyId: undefined,
      subject: `search ${search.searchId}`,
      details: { pictures: candidates, showSensitive },
    }),
  )
}

async function groupSection(
  ctx: Pick<Context, 'store' | 'videos'>,
  { person, media }: CandidateGroup,
  probePicture: string,
  showSensitive: boolean,
): Promise<string> {
  const pairs: string[] = []
  for (const photo of media) {
    const blurred = photo.sensitive && !showSensitive
    for (const face of photo.faces) {
      const bytes = await pictureOfMedia(ctx, photo, face.faceId)
      const shown = await picture(bytes, face.box, caption(face, blurred), blurred)
      const words = `<p class="rank">${face.rank}</p>${candidateFacts(photo, face)}`
      pairs.push(pair(probePicture, shown, words))
    }
  }
  if (person === undefined) return pairs.join('\n')
  const name = [person.ref, person.name].filter((word) => word !== undefined).join(', ')
  return `<h3>Linked as one person by people: ${escapeHtml(name)}</h3>${pairs.join('\n')}`
}

function caption({ rank }: FoundFace, blurred: boolean): string {
  return `Candidate ${rank}${blurred ? ', sensitive: blurred' : ''}`
}

function candidateFacts(media: FoundMedia, face: FoundFace): string {
  return facts([
    ['Similarity', face.similarity.toFixed(3)],
    ['Strangers expected', strangersText(face.strangersExpected, face.extrapolated)],
    ['Captured', media.captureDate ?? 'unknown'],
    ...mediaFacts(media),
    ...placeFacts(media, face),
    ['Quality', face.quality.unifiedScore.toFixed(2)],
  ])
}

function placeFacts({ video }: FoundMedia, { number, moment }: FoundFace): [string, string | undefined][] {
  if (moment === undefined || video === undefined) return [['Face', `${number}, counted from the left`]]
  return [
    [
      'Moment',
      `${moment.timeS.toFixed(2)} s from the beginning; the video lasts ${video.durationS.toFixed(1)} s`,
    ],
    [
      'Track',
      `${moment.track}, from ${moment.trackFirstS.toFixed(1)} s to ${moment.trackLastS.toFixed(1)} s: one face as the program followed it`,
    ],
    ['Not read', video.note],
  ]
}

function mediaFacts(media: FoundMedia): [string, string | undefined][] {
  return [
    ['Collection', media.collections.map(({ title }) => title).join(', ')],
    ...media.sources.flatMap(
      ({ name, sourceUrl, collector, licence, capture }): [string, string | undefined][] => [
        ...archiveFacts(capture),
        ['Source', sourceUrl],
        ['File', printable(name)],
        ['Collector', collector],
        ['Licence', licence],
      ],
    ),
    ['Media', media.mediaId],
    ['SHA-256', media.sha256],
  ]
}

/** What the archive that held it says, each verdict in its own word. */
function archiveFacts(capture: FoundMedia['sources'][number]['capture']): [string, string | undefined][] {
  if (capture === undefined) return []
  const { archive, digest, pages, capturedAt } = capture
  return [
    ['Archived page', [pages[0]?.title, pages[0]?.url].filter(Boolean).join(', ') || undefined],
    ['Fetched, as the archive says', capturedAt],
    ['Digest of the record', digest.verdict],
    ...(archive === undefined
      ? []
      : ([
          ['Archive', `${archive.name}, SHA-256 ${archive.sha256}`],
          ['Hashes and signature of the archive', `${archive.packageVerdict}, ${archive.signatureVerdict}`],
        ] as [string, string][])),
  ]
}

function copiesSection(copies: readonly FoundMedia[]): string {
  if (copies.length === 0) return ''
  return `<h2>The probe's very file is held</h2>${copies.map((media) => facts(mediaFacts(media))).join('')}`
}
