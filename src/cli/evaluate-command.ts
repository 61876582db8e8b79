import path from 'node:path'
import type { Command } from 'commander'
import { cacheFolder } from '../engine/pack/find-pack.ts'
import type { DetectionMode } from '../engine/types.ts'
import { DEGRADATIONS } from '../evaluation/degradations.ts'
import { evaluateFolder, type Evaluation } from '../evaluation/evaluate-folder.ts'
import { oneEnrolledFigures } from '../evaluation/one-enrolled.ts'
import { writeEvaluationReport } from '../evaluation/write-evaluation-report.ts'
import { ReadingCache } from '../folder-search/reading-cache.ts'
import { printable } from '../search/choose-probe-face.ts'
import { EXIT } from './exit-codes.ts'
import { parseMode } from './options.ts'
import { ProgressLine } from './output/progress.ts'
import { say, sayJson, table, warn } from './output/terminal.ts'
import { startEngine } from './start-engine.ts'

interface EvaluateOptions {
  degrade?: string[] | true
  html?: string
  mode: DetectionMode
  pack?: string
  json?: boolean
}

/** `likeness evaluate FOLDER`: accuracy on the user's own labelled photos. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description('Measure accuracy on labelled photos: a folder with one sub-folder a person.')
    .argument('<folder>')
    .option(
      '--degrade [names...]',
      'repeat with photos made worse on purpose; all degradations, or those named',
    )
    .option('--html <file>', 'write a page with curves and the worst errors')
    .option('--mode <mode>', 'fast, standard or thorough', parseMode, 'standard')
    .option('--pack <id>', 'model pack; see `likeness models`')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', `\nDegradations: ${DEGRADATIONS.map(({ name }) => name).join(', ')}`)
    .action(async (folder: string, options: EvaluateOptions) => {
      process.exitCode = await evaluate(folder, options)
    })
}

async function evaluate(folder: string, options: EvaluateOptions): Promise<number> {
  const engine = await startEngine(options.pack)
  const cache = new ReadingCache(path.join(cacheFolder(), 'find'))
  try {
    const degrade = options.degrade === true ? DEGRADATIONS.map(({ name }) => name) : (options.degrade ?? [])
    let line: { stage: string; progress: ProgressLine } | undefined
    const evaluation = await evaluateFolder(
      engine,
      cache,
      folder,
      { mode: options.mode, degrade },
      ({ stage, done, total }) => {
        if (line?.stage !== stage) line = { stage, progress: new ProgressLine(stage) }
        line.progress.update(done, total, `${done} of ${total}`)
        if (done === total) line.progress.end()
      },
    )
    if (options.html !== undefined) await writeEvaluationReport(options.html, evaluation, engine)
    if (options.json === true) sayJson(toJson(evaluation, engine))
    else print(evaluation, options.html)
    for (const { path, detail } of evaluation.skipped) warn(`skipped ${printable(path)}: ${detail}`)
    return evaluation.skipped.length > 0 ? EXIT.badInput : EXIT.found
  } finally {
    cache.close()
    await engine.close()
  }
}

function print(
  { photos, enrolled, people, detail, oneEnrolled, degraded }: Evaluation,
  html: string | undefined,
): void {
  const { accuracy } = detail
  say(`${photos.length} photos of ${people} people; the face was found in ${enrolled.length}`)
  for (const { file } of photos.filter(({ face }) => face === undefined)) say(`  no face: ${printable(file)}`)
  say()
  const rows = [
    ['rank-1', accuracy.rank1.toFixed(3), `${accuracy.searches} searches`],
    ...Object.entries(accuracy.tar).map(([far, tar]) => [
      `TAR at FAR ${far}`,
      tar.toFixed(4),
      `threshold ${accuracy.thresholds[far].toFixed(3)}; ${accuracy.matedPairs} mated, ${accuracy.nonMatedPairs} non-mated pairs`,
    ]),
    ['equal error rate', accuracy.equalErrorRate.toFixed(4), ''],
    ...Object.entries(accuracy.fnir).map(([fpir, fnir]) => [
      `FNIR at FPIR ${fpir}`,
      fnir.toFixed(4),
      `open set, people left out in turn; ${accuracy.nonMatedSearches} non-mated searches`,
    ]),
  ]
  const ofOne = oneEnrolledFigures(oneEnrolled).map(({ name, value, of }) => [name, value, of])
  say(table(['measure', 'value', 'from'], [...rows, ...ofOne], 'lrl'))
  if (Object.keys(degraded).length > 0) {
    say()
    const lines = Object.values(degraded).map(({ title, photos: count, found, rank1 }) => [
      title,
      found.toFixed(2),
      rank1.toFixed(2),
      `${count} probes`,
    ])
    say(table(['degraded probe, clean references', 'found', 'rank-1', 'from'], lines, 'lrrl'))
  }
  if (html !== undefined) say(`\nReport: ${html}`)
}

/** The documented shape of `evaluate --json`; see docs/command-line.md. */
function toJson(
  { photos, enrolled, people, detail, oneEnrolled, degraded, skipped }: Evaluation,
  engine: { packId: string; pipelineVersion: string },
): unknown {
  return {
    photos: photos.length,
    people,
    found: enrolled.length,
    missed: photos.filter(({ face }) => face === undefined).map(({ file }) => file),
    ...detail.accuracy,
    oneEnrolled: oneEnrolled ?? null,
    degraded,
    model: { pack: engine.packId, pipeline: engine.pipelineVersion },
    skipped: skipped.map(({ path: file, reason, detail: why }) => ({ file, reason, detail: why })),
  }
}
