import { falseMatchRate, similarityAt } from '../engine/calibration.ts'
import { similarity } from '../engine/embed/similarity.ts'
import type { PackManifest } from '../engine/pack/manifest.ts'
import type { Box, FaceQuality } from '../engine/types.ts'
import type { Probe } from './choose-probe-face.ts'
import type { EnrolledFolder } from './enrol-folder.ts'
import type { SkippedFile } from './list-photos.ts'

/** One ranked face. */
export interface Candidate {
  rank: number
  /** Cosine, -1 to 1. */
  similarity: number
  /** Strangers who would be expected to score at least this high among the faces searched; undefined: not measured. */
  strangersExpected: number | undefined
  file: string
  sha256: string
  /** Number of the face in its photo, from 1, left to right. */
  face: number
  /** Pixels of the upright original. */
  box: Box
  quality: FaceQuality
}

export interface FolderSearch {
  probe: Probe
  threshold: number
  facesSearched: number
  photosSearched: number
  candidates: Candidate[]
  /** Candidates at or above the threshold that the limit left out. */
  beyondLimit: number
  /** Faces below the threshold. */
  belowThreshold: number
  /** Files with the probe's very bytes; they are not searched. */
  copies: string[]
  skipped: SkippedFile[]
}

/** Without a measured calibration a threshold must be given; with one, strangers pass it at this rate. */
export const DEFAULT_FALSE_MATCH_RATE = 0.001

/**
 * Ranks the faces of an enrolled folder by their similarity to the probe. The similarity of every face is computed; no
 * index is involved that could lose a mate.
 */
export function findInFolder(
  probe: Probe,
  folder: EnrolledFolder,
  calibration: PackManifest['calibration'],
  options: { limit: number; threshold?: number | undefined },
): FolderSearch {
  const threshold = options.threshold ?? defaultThreshold(calibration)
  const searched = folder.photos.filter(({ sha256 }) => sha256 !== probe.sha256)
  const faces = searched.flatMap((photo) => photo.faces.map((face) => ({ photo, face })))
  const scored = faces
    .map(({ photo, face }) => ({ photo, face, score: similarity(probe.face.template, face.template) }))
    .toSorted((a, b) => b.score - a.score)
  const above = scored.filter(({ score }) => score >= threshold)
  const candidates = above.slice(0, options.limit).map(({ photo, face, score }, index) => ({
    rank: index + 1,
    similarity: score,
    strangersExpected: calibration && faces.length * falseMatchRate(calibration, score).rate,
    file: photo.path,
    sha256: photo.sha256,
    face: face.number,
    box: face.boxPx,
    quality: face.quality,
  }))
  return {
    probe,
    threshold,
    facesSearched: faces.length,
    photosSearched: searched.length,
    candidates,
    beyondLimit: above.length - candidates.length,
    belowThreshold: scored.length - above.length,
    copies: folder.photos.filter(({ sha256 }) => sha256 === probe.sha256).map(({ path }) => path),
    skipped: folder.skipped,
  }
}

/** The similarity that one stranger in a thousand reaches; 0.3 where the pack was not measured. */
export function defaultThreshold(calibration: PackManifest['calibration']): number {
  return calibration === undefined
    ? UNMEASURED_THRESHOLD
    : similarityAt(calibration, DEFAULT_FALSE_MATCH_RATE)
}

/** Between mates and non-mates of ArcFace-style embedders in general; a measured pack does not use it. */
const UNMEASURED_THRESHOLD = 0.3
