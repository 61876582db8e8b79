import { similarity } from '../engine/embed/similarity.ts'
import type { PackManifest } from '../engine/pack/manifest.ts'
import type { Box, FaceQuality } from '../engine/types.ts'
import type { Probe } from '../search/choose-probe-face.ts'
import type { EnrolledFolder } from './enrol-folder.ts'
import type { SkippedFile } from './list-photos.ts'
import { scoreMeaning } from '../search/score-meaning.ts'

/** One ranked face. */
export interface Candidate {
  rank: number
  /** Cosine, -1 to 1. */
  similarity: number
  /** Strangers who would be expected to score at least this high among the faces searched; undefined: not measured. */
  strangersExpected: number | undefined
  /** Rarer than was measured: fewer strangers than the number says. */
  extrapolated: boolean
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
  const meaning = scoreMeaning(undefined, calibration)
  const threshold = options.threshold ?? meaning.defaultThreshold
  const searched = folder.photos.filter(({ sha256 }) => sha256 !== probe.sha256)
  const faces = searched.flatMap((photo) => photo.faces.map((face) => ({ photo, face })))
  const scored = faces
    .map(({ photo, face }) => ({ photo, face, score: similarity(probe.face.template, face.template) }))
    .toSorted((a, b) => b.score - a.score)
  const above = scored.filter(({ score }) => score >= threshold)
  const candidates = above.slice(0, options.limit).map(({ photo, face, score }, index) => {
    const strangers = meaning.strangersAmong(faces.length, score)
    return {
      rank: index + 1,
      similarity: score,
      strangersExpected: strangers?.value,
      extrapolated: strangers?.extrapolated ?? false,
      file: photo.path,
      sha256: photo.sha256,
      face: face.number,
      box: face.boxPx,
      quality: face.quality,
    }
  })
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
