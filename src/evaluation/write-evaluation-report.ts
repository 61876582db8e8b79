import { writeFile } from 'node:fs/promises'
import { printable } from '../search/choose-probe-face.ts'
import { cutFace, dataUri } from '../search/cut-face.ts'
import { escapeHtml, page } from '../html-reports/page.ts'
import type { AccuracyDetail } from './accuracy.ts'
import type { Evaluation } from './evaluate-folder.ts'
import { oneEnrolledFigures } from './one-enrolled.ts'

const CUT_SIDE_PX = 384

/** Writes one self-contained page: figures, DET and CMC curves, and the worst errors with pictures. */
export async function writeEvaluationReport(
  target: string,
  evaluation: Evaluation,
  engine: { packId: string; pipelineVersion: string },
): Promise<void> {
  const { detail, photos, enrolled, people } = evaluation
  const { accuracy } = detail
  const missed = photos.filter(({ face }) => face === undefined)
  const body = `
<h1>Measured accuracy</h1>
<p class="soft">${escapeHtml(new Date().toISOString())} · model pack ${escapeHtml(engine.packId)}, pipeline ${escapeHtml(engine.pipelineVersion)}</p>
<p>${photos.length} photos of ${people} people; the face was found in ${enrolled.length}.${missed.length > 0 ? ` No face in: ${missed.map(({ file }) => escapeHtml(printable(file))).join(', ')}.` : ''}</p>
<p class="caution">These figures hold for photos like these. Few people or few photos make them coarse: with ${accuracy.nonMatedPairs} non-mated pairs, no false accept rate below ${(1 / Math.max(1, accuracy.nonMatedPairs)).toPrecision(1)} can be measured.</p>
<table>
<tr><th>Measure</th><th class="n">Value</th><th>From</th></tr>
<tr><td>Rank-1</td><td class="n">${accuracy.rank1.toFixed(3)}</td><td>${accuracy.searches} searches</td></tr>
${Object.entries(accuracy.tar)
  .map(
    ([far, tar]) =>
      `<tr><td>TAR at FAR ${far}</td><td class="n">${tar.toFixed(4)}</td><td>threshold ${accuracy.thresholds[far].toFixed(3)}; ${accuracy.matedPairs} mated and ${accuracy.nonMatedPairs} non-mated pairs</td></tr>`,
  )
  .join('\n')}
<tr><td>Equal error rate</td><td class="n">${accuracy.equalErrorRate.toFixed(4)}</td><td></td></tr>
${Object.entries(accuracy.fnir)
  .map(
    ([fpir, fnir]) =>
      `<tr><td>FNIR at FPIR ${fpir}</td><td class="n">${fnir.toFixed(4)}</td><td>open set, people left out in turn; ${accuracy.nonMatedSearches} non-mated searches</td></tr>`,
  )
  .join('\n')}
${oneEnrolledFigures(evaluation.oneEnrolled)
  .map(({ name, value, of }) => `<tr><td>${name}</td><td class="n">${value}</td><td>${of}</td></tr>`)
  .join('\n')}
</table>
${degradedTable(evaluation)}
<h2>Curves</h2><div class="figures">${drawDet(detail)}${drawCmc(detail)}</div>
<h2>Least similar pairs of the same person</h2>${await pairs(evaluation, detail.worstMated)}
<h2>Most similar pairs of different people</h2>${await pairs(evaluation, detail.worstNonMated)}`
  await writeFile(target, page('Likeness: measured accuracy', body))
}

function degradedTable({ degraded }: Evaluation): string {
  const rows = Object.values(degraded)
  if (rows.length === 0) return ''
  const cells = rows.map(
    ({ title, photos, found, rank1 }) =>
      `<tr><td>${escapeHtml(title)}</td><td class="n">${found.toFixed(2)}</td><td class="n">${rank1.toFixed(2)}</td><td class="n">${photos}</td></tr>`,
  )
  return `<h2>Degraded probes, clean references</h2><table><tr><th>Degradation</th><th class="n">Found</th><th class="n">Rank-1</th><th class="n">Probes</th></tr>${cells.join('')}</table>`
}

async function pairs({ enrolled }: Evaluation, worst: AccuracyDetail['worstMated']): Promise<string> {
  const shown = await Promise.all(
    worst.map(async ({ a, b, similarity }) => {
      const [left, right] = [enrolled[a], enrolled[b]]
      return `<div class="pair">${await picture(left)}${await picture(right)}<dl><dt>Similarity</dt><dd>${similarity.toFixed(3)}</dd><dt>Quality</dt><dd>${left.face.quality.unifiedScore.toFixed(2)} and ${right.face.quality.unifiedScore.toFixed(2)}</dd></dl></div>`
    }),
  )
  return shown.join('\n')
}

async function picture({ file, face, person }: Evaluation['enrolled'][number]): Promise<string> {
  const jpeg = await cutFace(file, face.boxPx, CUT_SIDE_PX)
  const shown =
    jpeg === undefined ? '<div class="missing">cannot be shown</div>' : `<img alt="" src="${dataUri(jpeg)}">`
  return `<figure>${shown}<figcaption>${escapeHtml(person)}<br>${escapeHtml(printable(file.split('/').pop() ?? file))}</figcaption></figure>`
}

const PLOT = { width: 420, height: 320, left: 56, bottom: 44, top: 24, right: 16 }
/** Axes of the DET curve run from this rate to 1, logarithmically. */
const DET_FLOOR = 1e-4

/** Where a rate lies on a logarithmic axis, 0 to 1. */
function onLogAxis(rate: number): number {
  return 1 - Math.log10(Math.max(DET_FLOOR, rate)) / Math.log10(DET_FLOOR)
}

function drawDet({ det }: AccuracyDetail): string {
  const points = det.map(
    ({ falseMatchRate, falseNonMatchRate }) =>
      [onLogAxis(falseMatchRate), onLogAxis(falseNonMatchRate)] as const,
  )
  const ticks = [1e-4, 1e-3, 1e-2, 1e-1, 1].map((rate) => ({ at: onLogAxis(rate), label: rate.toString() }))
  return plot(
    'DET: errors of 1:1 comparison',
    'false match rate',
    'false non-match rate',
    points,
    ticks,
    ticks,
  )
}

function drawCmc({ cmc }: AccuracyDetail): string {
  const points = cmc.map((value, index) => [index / (cmc.length - 1), value] as const)
  const xTicks = [1, 5, 10, 15, 20].map((rank) => ({
    at: (rank - 1) / (cmc.length - 1),
    label: rank.toString(),
  }))
  const yTicks = [0, 0.25, 0.5, 0.75, 1].map((value) => ({ at: value, label: value.toString() }))
  return plot('CMC: mate among the first n', 'rank', 'share of searches', points, xTicks, yTicks)
}

interface Tick {
  at: number
  label: string
}

/** A line plot; coordinates are 0..1 from the bottom left. */
function plot(
  title: string,
  xTitle: string,
  yTitle: string,
  points: readonly (readonly [number, number])[],
  xTicks: readonly Tick[],
  yTicks: readonly Tick[],
): string {
  const { width, height, left, bottom, top, right } = PLOT
  const x = (value: number): string => (left + value * (width - left - right)).toFixed(1)
  const y = (value: number): string => (height - bottom - value * (height - top - bottom)).toFixed(1)
  const line = points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')
  const grid = [
    ...xTicks.map(
      ({ at, label }) =>
        `<line x1="${x(at)}" x2="${x(at)}" y1="${y(0)}" y2="${y(1)}" stroke="var(--line)"/><text x="${x(at)}" y="${height - bottom + 16}" text-anchor="middle">${label}</text>`,
    ),
    ...yTicks.map(
      ({ at, label }) =>
        `<line x1="${x(0)}" x2="${x(1)}" y1="${y(at)}" y2="${y(at)}" stroke="var(--line)"/><text x="${left - 6}" y="${Number(y(at)) + 4}" text-anchor="end">${label}</text>`,
    ),
  ].join('')
  return `<svg role="img" aria-label="${escapeHtml(title)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<text x="${left}" y="14" font-weight="600">${escapeHtml(title)}</text>${grid}
<polyline points="${line}" fill="none" stroke="var(--accent)" stroke-width="2"/>
<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">${escapeHtml(xTitle)}</text>
<text transform="translate(12 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yTitle)}</text></svg>`
}
