import { writeFile } from 'node:fs/promises'
import { printable } from '../search/choose-probe-face.ts'
import type { Candidate, FolderSearch } from '../folder-search/find-in-folder.ts'
import { escapeHtml, page } from './page.ts'
import { CAUTION, facts, pair, picture, probeFacts, PROVENANCE, STRANGERS_EXPLAINED } from './report-parts.ts'
import { strangersText } from './strangers-text.ts'

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
  for (const candidate of search.candidates) pairs.push(await candidatePair(candidate, probePicture))
  const body = `
<h1>Faces that look like the probe</h1>
<p class="soft">${escapeHtml(new Date().toISOString())} · model pack ${escapeHtml(engine.packId)}, pipeline ${escapeHtml(engine.pipelineVersion)}</p>
${CAUTION}
<h2>Probe</h2>
${pair(probePicture, '<div></div>', probeFacts(probe))}
<h2>${search.candidates.length === 0 ? 'No candidate' : `${search.candidates.length} ${search.candidates.length === 1 ? 'candidate' : 'candidates'}`}</h2>
<p>Searched: ${search.facesSearched} faces in ${search.photosSearched} photos. Candidates have a similarity of at least ${search.threshold.toFixed(3)}; ${search.belowThreshold} faces lie below it${search.beyondLimit > 0 ? `, and ${search.beyondLimit} more candidates lie beyond the limit` : ''}.</p>
${search.candidates.length === 0 ? '<p>No face reaches the threshold. That is a result: the person may not be in these photos, or not well enough to be seen.</p>' : STRANGERS_EXPLAINED}
${pairs.join('\n')}
${skippedTable(search)}
${PROVENANCE}`
  await writeFile(target, page('Likeness: faces that look like the probe', body))
}

async function candidatePair(candidate: Candidate, probePicture: string): Promise<string> {
  const shown = await picture(candidate.file, candidate.box, `Candidate ${candidate.rank}`)
  const words = facts([
    ['Similarity', candidate.similarity.toFixed(3)],
    ['Strangers expected', strangersText(candidate.strangersExpected, candidate.extrapolated)],
    ['File', printable(candidate.file)],
    ['Face', `${candidate.face}, counted from the left`],
    ['Quality', candidate.quality.unifiedScore.toFixed(2)],
    ['SHA-256', candidate.sha256],
  ])
  return pair(probePicture, shown, `<p class="rank">${candidate.rank}</p>${words}`)
}

function skippedTable({ skipped }: FolderSearch): string {
  if (skipped.length === 0) return ''
  const rows = skipped.map(
    ({ path, detail }) => `<tr><td>${escapeHtml(printable(path))}</td><td>${escapeHtml(detail)}</td></tr>`,
  )
  return `<h2>Files that could not be read</h2><table><tr><th>File</th><th>Reason</th></tr>${rows.join('')}</table>`
}
