import type { Command } from 'commander'
import { similarity } from '../engine/embed/similarity.ts'
import type { DetectionMode } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { chooseProbeFace, type Probe, printable } from '../search/choose-probe-face.ts'
import { scoreMeaning, type Measured } from '../search/score-meaning.ts'
import { EXIT } from './exit-codes.ts'
import { parseCount, parseMode } from './options.ts'
import { say, sayJson } from './output/terminal.ts'
import { warnOfProbe } from './output/warn-of-photo.ts'
import { placeText, similarityText } from './output/words.ts'
import { startEngine } from './start-engine.ts'

interface CompareOptions {
  faceA?: number
  faceB?: number
  mode: DetectionMode
  pack?: string
  json?: boolean
}

/** `likeness compare A B`: the similarity of two faces and the false match rate it stands for. */
export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('Compare two faces, one to one.')
    .argument('<a>', 'a photo')
    .argument('<b>', 'another photo')
    .option('--face-a <n>', 'which face of the first photo, counted from the left', parseCount)
    .option('--face-b <n>', 'which face of the second photo', parseCount)
    .option('--mode <mode>', 'fast, standard or thorough', parseMode, 'standard')
    .option('--pack <id>', 'model pack; see `likeness models`')
    .option('--json', 'print the result as JSON')
    .action(async (a: string, b: string, options: CompareOptions) => {
      process.exitCode = await compare(a, b, options)
    })
}

async function compare(fileA: string, fileB: string, options: CompareOptions): Promise<number> {
  const engine = await startEngine(options.pack)
  try {
    const choose = async (file: string, number: number | undefined, flag: string): Promise<Probe> => {
      const choice = await chooseProbeFace(engine, file, number, options.mode)
      if (choice.outcome === 'chosen') return choice.probe
      const places = choice.faces.map((face) => placeText(face)).join('; ')
      throw new AppError(
        'choose_face',
        `${printable(file)} shows ${choice.faces.length} faces: choose one with ${flag} N (${places})`,
      )
    }
    const a = await choose(fileA, options.faceA, '--face-a')
    const b = await choose(fileB, options.faceB, '--face-b')
    warnOfProbe(a)
    warnOfProbe(b)
    const score = similarity(a.face.template, b.face.template)
    const scores = scoreMeaning(undefined, engine.calibration)
    const rate = scores.falseMatchRate(score)
    const threshold = scores.defaultThreshold
    if (options.json === true) {
      sayJson({
        a: sideJson(a),
        b: sideJson(b),
        similarity: score,
        threshold,
        ...(rate && { falseMatchRate: rate.value, extrapolated: rate.extrapolated }),
        model: { pack: engine.packId, pipeline: engine.pipelineVersion },
      })
    } else {
      say(`A: ${printable(a.file)}, ${placeText(a.face)}, quality ${a.face.quality.unifiedScore.toFixed(2)}`)
      say(`B: ${printable(b.file)}, ${placeText(b.face)}, quality ${b.face.quality.unifiedScore.toFixed(2)}`)
      say(`Similarity: ${similarityText(score)}`)
      if (rate !== undefined) say(meaning(rate))
      say('A likeness is a lead, never an identity.')
    }
    return score >= threshold ? EXIT.found : EXIT.nothingFound
  } finally {
    await engine.close()
  }
}

function sideJson({ file, sha256, face }: Probe): unknown {
  return { file, sha256, face: face.number, box: face.boxPx, quality: face.quality }
}

/**
 * The false match rate as a sentence: one in so many pairs of strangers. Beyond the pairs that were measured nobody knows,
 * and no number is made up.
 */
export function meaning({ value: rate, extrapolated }: Measured): string {
  if (rate >= 0.5) return 'Most pairs of different people score as high as this.'
  if (extrapolated)
    return `Rarer than measured: fewer than one in ${Math.round(1 / rate).toLocaleString('en')} pairs of different people scores as high.`
  const oneIn = Number((1 / rate).toPrecision(2)).toLocaleString('en')
  return `About one in ${oneIn} pairs of different people scores as high.`
}
