import path from 'node:path'
import type { Command } from 'commander'
import { cacheFolder } from '../engine/pack/find-pack.ts'
import type { DetectionMode } from '../engine/types.ts'
import { chooseProbeFace, printable } from '../search/choose-probe-face.ts'
import { enrolFolder } from '../folder-search/enrol-folder.ts'
import { findInFolder, type FolderSearch } from '../folder-search/find-in-folder.ts'
import { ReadingCache } from '../folder-search/reading-cache.ts'
import { strangersText } from '../html-reports/strangers-text.ts'
import { writeFindReport } from '../html-reports/write-find-report.ts'
import { askForFace } from './ask-for-face.ts'
import { EXIT } from './exit-codes.ts'
import { parseCount, parseMode, parseSimilarity } from './options.ts'
import { ProgressLine } from './output/progress.ts'
import { colours, say, sayJson, table, warn } from './output/terminal.ts'
import { warnOfProbe } from './output/warn-of-photo.ts'
import { NO_FACES, placeText, similarityText } from './output/words.ts'
import { startEngine } from './start-engine.ts'

interface FindOptions {
  in: string
  limit: number
  threshold?: number
  face?: number
  mode: DetectionMode
  report?: string
  pack?: string
  json?: boolean
}

/** `likeness find PROBE --in FOLDER`: ranks the faces of a folder by their likeness to the probe's. */
export function addFindCommand(program: Command): void {
  program
    .command('find')
    .description('Find, in a folder of photos, the faces that look like the one in a probe photo.')
    .argument('<probe>', 'the photo with the face to search with')
    .requiredOption('--in <folder>', 'the folder to search, with everything below it')
    .option('--limit <n>', 'how many candidates to show', parseCount, 20)
    .option(
      '--threshold <similarity>',
      'similarity from which a face is a candidate, -1 to 1',
      parseSimilarity,
    )
    .option('--face <n>', 'which face of the probe photo, counted from the left', parseCount)
    .option('--mode <mode>', 'fast, standard or thorough', parseMode, 'standard')
    .option('--report <file>', 'write an HTML page with the pictures side by side')
    .option('--pack <id>', 'model pack; see `likeness models`')
    .option('--json', 'print the result as JSON')
    .action(async (probe: string, options: FindOptions) => {
      process.exitCode = await find(probe, options)
    })
}

async function find(probeFile: string, options: FindOptions): Promise<number> {
  const engine = await startEngine(options.pack)
  const cache = new ReadingCache(path.join(cacheFolder(), 'find'))
  try {
    const choice = await chooseProbeFace(engine, probeFile, options.face, options.mode)
    if (choice.outcome === 'choose') return askForFace(choice.file, choice.faces, options.json === true)
    warnOfProbe(choice.probe)
    const line = new ProgressLine('Reading photos')
    const folder = await enrolFolder(engine, cache, options.in, options.mode, ({ done, total, faces }) => {
      line.update(done, total, `${done} of ${total} files, ${faces} faces`)
    })
    line.end()
    const search = findInFolder(choice.probe, folder, engine.calibration, options)
    if (options.report !== undefined) await writeFindReport(options.report, search, engine)
    if (options.json === true) sayJson(toJson(search, engine, folder.cached))
    else print(search, options)
    for (const { path: file, detail } of search.skipped) warn(`skipped ${printable(file)}: ${detail}`)
    if (search.skipped.length > 0) return EXIT.badInput
    return search.candidates.length > 0 ? EXIT.found : EXIT.nothingFound
  } finally {
    cache.close()
    await engine.close()
  }
}

function print(search: FolderSearch, options: FindOptions): void {
  const { candidates, probe, threshold } = search
  say(`Probe: ${printable(probe.file)}, ${placeText(probe.face)}`)
  say(
    `Searched: ${search.facesSearched} faces in ${search.photosSearched} photos below ${printable(options.in)}`,
  )
  if (search.facesSearched === 0) warn(NO_FACES)
  for (const copy of search.copies)
    say(`The probe's very file is in the folder and was left out: ${printable(copy)}`)
  say()
  if (candidates.length === 0) {
    say(
      `No candidate: no face reaches similarity ${similarityText(threshold)}. That is a result, not an error.`,
    )
  } else {
    const rows = candidates.map((candidate) => [
      candidate.rank.toString(),
      similarityText(candidate.similarity),
      strangersText(candidate.strangersExpected, candidate.extrapolated),
      printable(path.relative(options.in, candidate.file)),
      placeText({ number: candidate.face, boxPx: candidate.box }),
    ])
    say(table(['rank', 'similarity', 'strangers expected', 'file', 'face'], rows, 'rrrll'))
    say()
    say(
      colours.dim(
        'Strangers expected: how many faces of other people would score as high by chance among those searched.',
      ),
    )
  }
  if (search.beyondLimit > 0) say(`${search.beyondLimit} more candidates; see them with --limit.`)
  if (search.belowThreshold > 0)
    say(
      `${search.belowThreshold} faces lie below the threshold of ${similarityText(threshold)}; see them with --threshold.`,
    )
  if (options.report !== undefined) say(`Report: ${options.report}`)
  say(colours.dim('A likeness is a lead, never an identity.'))
}

/** The documented shape of `find --json`; see docs/command-line.md. */
function toJson(
  search: FolderSearch,
  engine: { packId: string; pipelineVersion: string },
  cached: number,
): unknown {
  const { probe } = search
  return {
    probe: {
      file: probe.file,
      sha256: probe.sha256,
      face: probe.face.number,
      box: probe.face.boxPx,
      quality: probe.face.quality,
    },
    model: { pack: engine.packId, pipeline: engine.pipelineVersion },
    searched: {
      photos: search.photosSearched,
      faces: search.facesSearched,
      cached,
      skipped: search.skipped.length,
    },
    threshold: search.threshold,
    candidates: search.candidates,
    beyondLimit: search.beyondLimit,
    belowThreshold: search.belowThreshold,
    copies: search.copies,
    skipped: search.skipped.map(({ path: file, reason, detail }) => ({ file, reason, detail })),
  }
}
