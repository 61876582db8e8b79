import { writeFile } from 'node:fs/promises'
import { ADVICE_SENTENCES } from '../engine/quality/advice.ts'
import { printable } from './choose-probe-face.ts'
import { cutFace, dataUri } from './cut-face.ts'
import type { Candidate, FolderSearch } from './find-in-folder.ts'
import { escapeHtml, page } from './page.ts'

/** Twice the size at which pictures are shown, for sharp screens and print. */
const CUT_SIDE_PX = 384

/**
 * Writes one self-contained HTML page: the probe beside each candidate, with what the score means.
 * @param engine names the model pack and pipeline, so that the search can be repeated
 */
export async function writeFindReport(
  target: string,
  search: FolderSearch,
  engine: { packId: string; pipelineVersion: string },
): Promise<void> {
  const { probe } = search
  const probePicture = await picture(probe.file, probe.face.boxPx, 'The probe')
  const pairs: string[] = []
  for (const candidate of search.candidates) pairs.push(await pair(candidate, probePicture))
  const advice = probe.face.quality.advice
    .map((code) => `<p>${escapeHtml(ADVICE_SENTENCES[code])}</p>`)
    .join('')
  const body = `
<h1>Faces that look like the probe</h1>
<p class="soft">${escapeHtml(new Date().toISOString())} · model pack ${escapeHtml(engine.packId)}, pipeline ${escapeHtml(engine.pipelineVersion)}</p>
<p class="caution"><strong>A likeness is a lead, never an identity.</strong> A face that looks alike may be another person's. Have a second person compare the originals without seeing this page's scores, and look for what else speaks for or against it.</p>
<h2>Probe</h2>
<div class="pair">${probePicture}<div></div><div>${facts([
    ['File', printable(probe.file)],
    ['SHA-256', probe.sha256],
    ['Face', `${probe.face.number}, counted from the left`],
    ['Eye distance', `${probe.face.quality.interEyeDistancePx.toFixed(0)} pixels`],
    ['Quality', probe.face.quality.unifiedScore.toFixed(2)],
  ])}${advice}</div></div>
<h2>${search.candidates.length === 0 ? 'No candidate' : `${search.candidates.length} ${search.candidates.length === 1 ? 'candidate' : 'candidates'}`}</h2>
<p>Searched: ${search.facesSearched} faces in ${search.photosSearched} photos. Candidates have a similarity of at least ${search.threshold.toFixed(3)}; ${search.belowThreshold} faces lie below it${search.beyondLimit > 0 ? `, and ${search.beyondLimit} more candidates lie beyond the limit` : ''}.</p>
${search.candidates.length === 0 ? '<p>No face reaches the threshold. That is a result: the person may not be in these photos, or not well enough to be seen.</p>' : '<p class="soft">Strangers expected: how many faces of other people would score as high by chance among the faces searched. The fewer, the more a score says.</p>'}
${pairs.join('\n')}
${skippedTable(search)}
<p class="soft">The training data and provenance of the model's weights are not stated by their publisher.</p>`
  await writeFile(target, page('Likeness: faces that look like the probe', body))
}

async function pair(candidate: Candidate, probePicture: string): Promise<string> {
  const expected = candidate.strangersExpected
  return `<div class="pair">${probePicture}${await picture(candidate.file, candidate.box, `Candidate ${candidate.rank}`)}<div>
<p class="rank">${candidate.rank}</p>${facts([
    ['Similarity', candidate.similarity.toFixed(3)],
    ['Strangers expected', expected === undefined ? 'not measured' : strangers(expected)],
    ['File', printable(candidate.file)],
    ['Face', `${candidate.face}, counted from the left`],
    ['Quality', candidate.quality.unifiedScore.toFixed(2)],
    ['SHA-256', candidate.sha256],
  ])}</div></div>`
}

function strangers(expected: number): string {
  return expected < 0.0001 ? 'under 0.0001' : Number(expected.toPrecision(2)).toString()
}

async function picture(file: string, box: Candidate['box'], caption: string): Promise<string> {
  const jpeg = await cutFace(file, box, CUT_SIDE_PX)
  const shown =
    jpeg === undefined
      ? '<div class="missing">cannot be shown</div>'
      : `<img alt="${escapeHtml(caption)}" src="${dataUri(jpeg)}">`
  return `<figure>${shown}<figcaption>${escapeHtml(caption)}</figcaption></figure>`
}

function facts(rows: readonly (readonly [string, string])[]): string {
  return `<dl>${rows.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`
}

function skippedTable({ skipped }: FolderSearch): string {
  if (skipped.length === 0) return ''
  const rows = skipped.map(
    ({ path, detail }) => `<tr><td>${escapeHtml(printable(path))}</td><td>${escapeHtml(detail)}</td></tr>`,
  )
  return `<h2>Files that could not be read</h2><table><tr><th>File</th><th>Reason</th></tr>${rows.join('')}</table>`
}
