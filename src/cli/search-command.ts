import process from 'node:process'
import type { Command } from 'commander'
import type { Actor } from '../actor/actor.ts'
import type { OpenContext } from '../open-context.ts'
import type { DetectionMode, Engine } from '../engine/types.ts'
import { chooseProbeFace, printable, type Probe } from '../search/choose-probe-face.ts'
import type { FoundMedia } from '../media/describe-candidates.ts'
import { searchCollections, type CollectionSearch } from '../search/search-collections.ts'
import { strangersText } from '../html-reports/strangers-text.ts'
import { writeSearchReport } from '../html-reports/write-search-report.ts'
import { askForFace } from './ask-for-face.ts'
import { EXIT } from './exit-codes.ts'
import { parseCount, parseMode, parseSimilarity } from './options.ts'
import { ProgressLine } from './output/progress.ts'
import { colours, say, sayJson, table, warn } from './output/terminal.ts'
import { warnOfProbe } from './output/warn-of-photo.ts'
import { momentText, NO_FACES, placeText, similarityText } from './output/words.ts'
import { addRecordOptions, withContext, type RecordOptions } from './record-options.ts'
import { searchOnServer, type SearchOnServerOptions } from './search-on-server.ts'
import { addServerOptions } from './server-options.ts'

interface SearchOptions extends RecordOptions, SearchOnServerOptions {
  mode: DetectionMode
  purpose?: string
  showSensitive?: boolean
}

/** `likeness search PROBE…`: searches collections for the faces that look like the probe's. */
export function addSearchCommand(program: Command): void {
  const command = addRecordOptions(
    program
      .command('search')
      .description('search collections for the faces that look like the one in a probe photo')
      .argument(
        '<probe...>',
        'photo with the face to search with; several photos of one person are searched as one',
      )
      .option('--collection <name...>', 'collections to search; all of them otherwise')
      .option('--since <date>', 'first day of capture, YYYY-MM-DD')
      .option('--until <date>', 'last day of capture, YYYY-MM-DD')
      .option('--limit <n>', 'how many candidates to show', parseCount, 50)
      .option(
        '--threshold <similarity>',
        'similarity from which a face is a candidate, -1 to 1',
        parseSimilarity,
      )
      .option('--exact', 'compare with every template in full; slower, and hardly ever different')
      .option(
        '--face <n>',
        'which face of the probe photo, counted from the left; once for each photo, in their order',
        collectCounts,
      )
      .option('--mode <mode>', 'fast, standard or thorough', parseMode, 'standard')
      .option('--purpose <text>', 'why; written into the audit log')
      .option('--report <file>', 'write an HTML page with the pictures side by side')
      .option('--show-sensitive', 'show sensitive pictures in the report as they are; the audit log says so')
      .option('--case <number>', 'case that the search belongs to; only with --server, and needed there'),
  )
  addServerOptions(command).action(async (probes: string[], options: SearchOptions) => {
    if (options.server !== undefined) {
      process.exitCode = await searchOnServer(probes, options)
      return
    }
    process.exitCode = await withContext(options, (ctx, actor) => search(ctx, actor, probes, options))
  })
}

function collectCounts(value: string, earlier: number[] | undefined): number[] {
  return [...(earlier ?? []), parseCount(value)]
}

async function search(
  ctx: OpenContext,
  actor: Actor,
  files: readonly string[],
  options: SearchOptions,
): Promise<number> {
  const engine = await ctx.engine()
  const probes: Probe[] = []
  for (const [at, file] of files.entries()) {
    const choice = await chooseProbeFace(engine, file, options.face?.[at], options.mode)
    if (choice.outcome === 'choose') return askForFace(choice.file, choice.faces, options.json === true)
    warnOfProbe(choice.probe)
    probes.push(choice.probe)
  }
  const result = await run(ctx, actor, engine, probes, options)
  if (options.report !== undefined) {
    const showSensitive = options.showSensitive === true
    await writeSearchReport(ctx, actor, { target: options.report, search: result, probes, showSensitive })
  }
  if (options.json === true) sayJson(toJson(result, probes))
  else print(result, probes, options)
  return result.candidates > 0 ? EXIT.found : EXIT.nothingFound
}

async function run(
  ctx: OpenContext,
  actor: Actor,
  { packId, pipelineVersion }: Engine,
  probes: readonly Probe[],
  options: SearchOptions,
): Promise<CollectionSearch> {
  const stop = new AbortController()
  const onInterrupt = (): void => stop.abort()
  process.once('SIGINT', onInterrupt)
  const line = new ProgressLine('Adding new faces to the index')
  try {
    return await searchCollections(ctx, actor, {
      probes: probes.map(({ sha256, face }) => ({
        sha256,
        face: face.number,
        template: face.template,
        quality: face.quality.unifiedScore,
        packId,
        pipelineVersion,
      })),
      collections: options.collection,
      agencyId: undefined,
      since: options.since,
      until: options.until,
      limit: options.limit,
      threshold: options.threshold,
      exact: options.exact === true,
      purpose: options.purpose,
      signal: stop.signal,
      onAdded: (done, of) => line.update(done, of, `${done} of ${of} faces`),
    })
  } finally {
    line.end()
    process.off('SIGINT', onInterrupt)
  }
}

function print(result: CollectionSearch, probes: readonly Probe[], options: SearchOptions): void {
  for (const { file, face } of probes) say(`Probe: ${printable(file)}, ${placeText(face)}`)
  if (result.probeAgreement !== undefined) {
    const least = similarityText(result.probeAgreement)
    if (result.probeAgreement >= result.threshold) say(`The probes are alike: least similarity ${least}.`)
    else warn(`The probes may show different people: the least similarity between two of them is ${least}.`)
  }
  const titles = result.collections.map(({ title }) => title).join(', ') || 'no collection'
  say(`Searched: ${result.facesSearched} faces in ${printable(titles)}`)
  if (result.facesSearched === 0) warn(NO_FACES)
  if (result.facesUndated > 0) {
    warn(
      `${result.facesUndated} faces were not searched: nobody knows when their photos were taken. Search them without --since and --until.`,
    )
  }
  for (const copy of result.copies)
    say(`The probe's very file is held and was left out: ${sourceText(copy)}, ${collectionText(copy)}`)
  say()
  if (result.candidates === 0) {
    say(
      `No candidate: no face reaches similarity ${similarityText(result.threshold)}. That is a result, not an error.`,
    )
  } else {
    printTable(result)
  }
  if (result.more) say('More faces reach the threshold; see them with --limit.')
  if (options.report !== undefined) say(`Report: ${options.report}`)
  say(colours.dim('A likeness is a lead, never an identity.'))
}

function printTable({ groups, scores }: CollectionSearch): void {
  const withPeople = groups.some(({ person }) => person !== undefined)
  const rows = groups.flatMap(({ person, media }) =>
    media.flatMap((photo) =>
      photo.faces.map((face) => [
        face.rank.toString(),
        similarityText(face.similarity),
        strangersText(face.strangersExpected, face.extrapolated),
        ...(withPeople ? [printable(person?.ref ?? person?.name ?? '')] : []),
        photo.captureDate ?? 'unknown',
        collectionText(photo),
        face.moment === undefined
          ? placeText({ number: face.number, boxPx: face.box })
          : momentText(face.moment),
        sourceText(photo),
      ]),
    ),
  )
  const header = ['rank', 'similarity', 'strangers expected', 'captured', 'collection', 'face', 'source']
  if (withPeople) header.splice(3, 0, 'person')
  say(table(header, rows, withPeople ? 'rrrlllll' : 'rrrllll'))
  say()
  const measured = {
    collections: 'measured on the faces held here',
    pack: 'as measured for the model pack, because there are too few faces here to measure on',
    none: 'not measured for this model pack',
  }[scores.source]
  say(
    colours.dim(
      `Strangers expected: how many faces of other people would score as high by chance among those searched; ${measured}.`,
    ),
  )
}

function collectionText({ collections }: FoundMedia): string {
  return printable(collections.map(({ title }) => title).join(', '))
}

/** File name, and the address it came from. */
function sourceText({ sources, mediaId }: FoundMedia): string {
  const [first, ...others] = sources
  if (first === undefined) return mediaId
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return `${printable(first.name)}${first.sourceUrl === undefined ? '' : ` ${printable(first.sourceUrl)}`}${more}`
}

/** The documented shape of `search --json`; see docs/command-line.md. */
function toJson({ model, ...result }: CollectionSearch, probes: readonly Probe[]): unknown {
  return {
    probes: probes.map(({ file, sha256, face }) => ({
      file,
      sha256,
      face: face.number,
      box: face.boxPx,
      quality: face.quality,
    })),
    model: { pack: model.packId, pipeline: model.pipelineVersion },
    ...result,
  }
}
