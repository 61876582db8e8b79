import type { DetectionMode, Engine } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import type { ReadingCache } from '../folder-search/reading-cache.ts'
import type { SkippedFile } from '../folder-search/list-photos.ts'
import { type AccuracyDetail, measureAccuracy, rank1OfProbes } from './accuracy.ts'
import { DEGRADATIONS } from './degradations.ts'
import { measureOneEnrolled, type OneEnrolled } from './one-enrolled.ts'
import { labelledFace, type LabelledPhoto, mapInOrder, photoBytes, readPeople } from './read-people.ts'

/** What one degradation did, over all photos whose clean face was found. Shares, 0 to 1. */
export interface DegradedResult {
  title: string
  photos: number
  found: number
  rank1: number
}

export interface Evaluation {
  photos: LabelledPhoto[]
  /** The photos whose face was found, in the order of the indices in `detail`. */
  enrolled: (LabelledPhoto & { face: NonNullable<LabelledPhoto['face']> })[]
  people: number
  detail: AccuracyDetail
  /** Undefined when nobody has two photos, or everybody has. */
  oneEnrolled: OneEnrolled | undefined
  degraded: Record<string, DegradedResult>
  skipped: SkippedFile[]
}

export interface EvaluationProgress {
  stage: string
  done: number
  total: number
}

/**
 * Measures the engine on a folder of labelled photos: faces found, 1:1 and 1:N accuracy and, when asked, the same
 * probes degraded against clean references.
 * @param degrade names from `DEGRADATIONS`; empty for none
 * @throws AppError `bad_input` when the folder is not one sub-folder a person, or no two faces were found
 */
export async function evaluateFolder(
  engine: Engine,
  cache: ReadingCache,
  folder: string,
  options: { mode: DetectionMode; degrade: readonly string[] },
  onProgress: (progress: EvaluationProgress) => void = () => {},
): Promise<Evaluation> {
  const { photos, skipped } = await readPeople(engine, cache, folder, options.mode, (done, total) => {
    onProgress({ stage: 'Reading photos', done, total })
  })
  const enrolled = photos.flatMap((photo) =>
    photo.face === undefined ? [] : [{ ...photo, face: photo.face }],
  )
  if (enrolled.length < 2)
    throw new AppError('no_face', `${folder}: faces were found in fewer than two photos`)
  const samples = enrolled.map(({ person, face }) => ({ person, template: face.template }))
  const degraded: Record<string, DegradedResult> = {}
  for (const name of options.degrade) {
    degraded[name] = await degradeAll(engine, name, enrolled, options.mode, onProgress)
  }
  const people = new Set(photos.map(({ person }) => person)).size
  const [detail, oneEnrolled] = [measureAccuracy(samples), measureOneEnrolled(samples)]
  return { photos, enrolled, people, detail, oneEnrolled, degraded, skipped }
}

async function degradeAll(
  engine: Engine,
  name: string,
  enrolled: Evaluation['enrolled'],
  mode: DetectionMode,
  onProgress: (progress: EvaluationProgress) => void,
): Promise<DegradedResult> {
  const degradation = DEGRADATIONS.find((candidate) => candidate.name === name)
  if (degradation === undefined) {
    const names = DEGRADATIONS.map((candidate) => candidate.name).join(', ')
    throw new AppError('bad_input', `there is no degradation "${name}"; there are ${names}`)
  }
  const probes: (Float32Array | undefined)[] = enrolled.map(() => undefined)
  let done = 0
  await mapInOrder(engine.workers * 2, enrolled, async (photo, index) => {
    const bytes = await degradation.degrade(await photoBytes(photo), photo.face)
    const reading = await engine.readPhoto(bytes, { mode })
    if (reading.outcome === 'read') {
      probes[index] = labelledFace(reading.faces, reading.photo.widthPx, reading.photo.heightPx)?.template
    }
    onProgress({ stage: degradation.title, done: ++done, total: enrolled.length })
  })
  const references = enrolled.map(({ person, face }) => ({ person, template: face.template }))
  const found = probes.filter((probe) => probe !== undefined).length
  return {
    title: degradation.title,
    photos: enrolled.length,
    found: found / enrolled.length,
    rank1: rank1OfProbes(probes, references),
  }
}
