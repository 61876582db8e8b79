import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { AppError } from '../errors.ts'
import type { DetectionMode, Engine, Face, PhotoFacts } from '../engine/types.ts'

/** The face that is searched with, and the photo it is in. */
export interface Probe {
  file: string
  sha256: string
  photo: PhotoFacts
  face: Face
}

/** What came of looking for the probe's face: one face, or several to choose from. */
export type ProbeChoice =
  | { outcome: 'chosen'; probe: Probe }
  | { outcome: 'choose'; file: string; faces: Face[] }

/**
 * Reads a probe photo and takes its face.
 * @param number which face, from 1, left to right; may be left out when there is one
 * @throws AppError `unreadable_input`, `no_face`, or `bad_input` for a number that the photo does not have
 */
export async function chooseProbeFace(
  engine: Engine,
  file: string,
  number: number | undefined,
  mode: DetectionMode,
): Promise<ProbeChoice> {
  const reading = await engine.readPhoto(file, { mode })
  if (reading.outcome === 'unreadable')
    throw new AppError('unreadable_input', `${printable(file)}: ${reading.detail}`)
  const { faces, photo } = reading
  if (faces.length === 0) {
    const advice =
      mode === 'thorough' ? '' : ' Try `--mode thorough`, a larger copy, or a crop around the face.'
    throw new AppError('no_face', `${printable(file)}: no face was found.${advice}`)
  }
  if (number === undefined && faces.length > 1) return { outcome: 'choose', file, faces }
  const face = faces[(number ?? 1) - 1]
  if (face === undefined)
    throw new AppError(
      'bad_input',
      `${printable(file)} has ${faces.length} faces; there is no face ${number}`,
    )
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  return { outcome: 'chosen', probe: { file, sha256, photo, face } }
}

/** A file's name on one line: line breaks and other control characters are shown as escapes. */
export function printable(name: string): string {
  return name.replace(/[\p{Cc}\u2028\u2029]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
