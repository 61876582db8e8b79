import { intersectionOverUnion } from '../engine/detect/detection.ts'
import { similarity } from '../engine/embed/similarity.ts'
import type { Box, Point } from '../engine/types.ts'
import type { FrameChange } from './frame-change.ts'
import { packNumbers, unpackNumbers, type KeptFace, type Sighting } from './kept-face.ts'
import { MAX_FACES_A_FRAME, MAX_KEPT_FACES, MAX_TRACKS } from './limits.ts'

/**
 * [Note: tracks]
 * A track is one face followed through a video. Each face of a frame is offered to each open track; it may join
 *
 * - by place, when no cut lies between, the track was seen less than `NEAR_S` ago, and the face's box overlaps the place
 *   where the track's last box would be now (moved on at its last speed) by `PLACE_OVERLAP`; unless both templates are
 *   good and say that it is somebody else (below `OTHER_BELOW`). So a face that turns away, and whose template says little,
 *   stays with its track;
 * - by likeness, also across cuts and after `GONE_S` of absence at most, when its template is as similar to the track's
 *   mean template as only one pair of strangers in ten thousand is (`sameFrom`). So an interview's shot and counter-shot
 *   are two tracks, not forty.
 *
 * Of all pairs that may join the one with the greatest sum of similarity and overlap goes first, then the next of what is
 * left: with a few faces a frame this gives what the best assignment would. A face that joins none opens a track. A track
 * ends when it was not seen for `GONE_S`. Joining by likeness could put two people who look alike into one track, so a
 * track is called what it is everywhere: one face as the machine followed it, a help for looking, and no finding.
 *
 * Of each second of a track the sighting with the best quality is kept. The association needs nothing but the tracks' mean
 * templates and last boxes, so it can be written down between two segments and gone on with after a crash.
 */
export interface TrackRules {
  /** Similarity from which two faces are the same without a look at their places. */
  sameFrom: number
}

const NEAR_S = 2.5
const PLACE_OVERLAP = 0.3
/** Different people reach this in one pair of ten, one person in a video hardly ever fails it with two good templates. */
const OTHER_BELOW = 0.15
/** Below this quality a template says little. */
const GOOD_QUALITY = 0.3
const GONE_S = 30
/** Tracks that are open at once; the longest unseen ends first. */
const MAX_OPEN = 200
/** A speed measured over more than this says nothing about now. */
const SPEED_WITHIN_S = 1.1
/** What a template of no quality counts in the mean beside one of the best; as for probes. */
const LEAST_WEIGHT = 0.25

interface OpenTrack {
  number: number
  sum: Float32Array
  mean: Float32Array
  bestQuality: number
  lastS: number
  lastBox: Box
  /** Pixels a second. */
  speed: Point
  /** The best sighting of the second that is going on. */
  best: Sighting
}

type PackedTrack = Omit<OpenTrack, 'sum' | 'mean' | 'best'> & { sum: string; best: KeptFace }

/** Follows faces through a video, frame by frame in order. */
export class FaceTracker {
  readonly #rules: TrackRules
  #open: OpenTrack[] = []
  #kept: KeptFace[] = []
  #tracks = 0
  #keptCount = 0
  #left = 0

  constructor(rules: TrackRules) {
    this.#rules = rules
  }

  /** Tracks begun so far. */
  get tracks(): number {
    return this.#tracks
  }

  /** Sightings that were not followed because a limit was reached. */
  get leftOut(): number {
    return this.#left
  }

  /** Takes the faces of the next frame. @returns each face that was followed, by the number of its track */
  see(timeS: number, change: FrameChange, sightings: readonly Sighting[]): Map<number, Sighting> {
    const followed = new Map<number, Sighting>()
    for (const track of this.#open.filter(({ lastS }) => timeS - lastS > GONE_S)) this.#end(track)
    const best = sightings
      .toSorted((a, b) => b.face.quality.unifiedScore - a.face.quality.unifiedScore)
      .slice(0, MAX_FACES_A_FRAME)
    this.#left += sightings.length - best.length
    const free = new Set(best)
    const waiting = new Set(this.#open)
    for (const { track, sighting } of this.#pairs(timeS, change, best)) {
      if (!waiting.has(track) || !free.has(sighting)) continue
      waiting.delete(track)
      free.delete(sighting)
      this.#join(track, sighting)
      followed.set(track.number, sighting)
    }
    for (const sighting of free) {
      const number = this.#begin(sighting)
      if (number !== undefined) followed.set(number, sighting)
    }
    return followed
  }

  /** Gives the faces kept since the last call; those of a second that is going on come later. */
  takeKept(): KeptFace[] {
    const kept = this.#kept
    this.#kept = []
    return kept
  }

  /** Ends every track. */
  finish(): KeptFace[] {
    for (const track of this.#open) this.#end(track)
    return this.takeKept()
  }

  /** What must be known to go on later; call `takeKept` first. */
  pack(): unknown {
    const open = this.#open.map(({ mean: _mean, sum, best, ...track }): PackedTrack => {
      const { template, ...face } = best.face
      const packed = { ...best, track: track.number, face: { ...face, template: packNumbers(template) } }
      return { ...track, sum: packNumbers(sum), best: packed as unknown as KeptFace }
    })
    return { open, tracks: this.#tracks, kept: this.#keptCount, left: this.#left }
  }

  /** Goes on from what `pack` gave. */
  static unpack(rules: TrackRules, packed: unknown): FaceTracker {
    const { open, tracks, kept, left } = packed as {
      open: PackedTrack[]
      tracks: number
      kept: number
      left: number
    }
    const tracker = new FaceTracker(rules)
    tracker.#tracks = tracks
    tracker.#keptCount = kept
    tracker.#left = left
    tracker.#open = open.map(({ sum: sumText, best: { track: _track, ...best }, ...track }) => {
      const sum = unpackNumbers(sumText)
      const template = unpackNumbers(best.face.template as unknown as string)
      return { ...track, sum, mean: unit(sum), best: { ...best, face: { ...best.face, template } } }
    })
    return tracker
  }

  /** Every pair that may join, best first. */
  #pairs(
    timeS: number,
    change: FrameChange,
    sightings: readonly Sighting[],
  ): { track: OpenTrack; sighting: Sighting; score: number }[] {
    return this.#open
      .flatMap((track) =>
        sightings.map((sighting) => ({ track, sighting, ...this.#fit(timeS, change, track, sighting) })),
      )
      .filter(({ joins }) => joins)
      .toSorted((a, b) => b.score - a.score)
  }

  #fit(
    timeS: number,
    change: FrameChange,
    track: OpenTrack,
    { face }: Sighting,
  ): { joins: boolean; score: number } {
    const gapS = timeS - track.lastS
    const alike = similarity(track.mean, face.template)
    const overlap =
      change === 'cut' || gapS > NEAR_S ? 0 : intersectionOverUnion(movedOn(track, gapS), face.boxPx)
    const isWeak = face.quality.unifiedScore < GOOD_QUALITY || track.bestQuality < GOOD_QUALITY
    const byPlace = overlap >= PLACE_OVERLAP && (isWeak || alike >= OTHER_BELOW)
    return { joins: byPlace || alike >= this.#rules.sameFrom, score: alike + overlap }
  }

  #begin(sighting: Sighting): number | undefined {
    if (this.#tracks >= MAX_TRACKS) {
      this.#left += 1
      return undefined
    }
    if (this.#open.length >= MAX_OPEN) {
      this.#end(this.#open.reduce((oldest, track) => (track.lastS < oldest.lastS ? track : oldest)))
    }
    const { face } = sighting
    const sum = face.template.map((value) => value * weightOf(sighting))
    this.#open.push({
      number: ++this.#tracks,
      sum,
      mean: unit(sum),
      bestQuality: face.quality.unifiedScore,
      lastS: sighting.timeS,
      lastBox: face.boxPx,
      speed: { x: 0, y: 0 },
      best: sighting,
    })
    return this.#tracks
  }

  #join(track: OpenTrack, sighting: Sighting): void {
    const { face, timeS } = sighting
    const gapS = timeS - track.lastS
    const [from, to] = [centreOf(track.lastBox), centreOf(face.boxPx)]
    track.speed =
      gapS > 0 && gapS <= SPEED_WITHIN_S
        ? { x: (to.x - from.x) / gapS, y: (to.y - from.y) / gapS }
        : { x: 0, y: 0 }
    track.lastBox = face.boxPx
    track.lastS = timeS
    track.bestQuality = Math.max(track.bestQuality, face.quality.unifiedScore)
    const weight = weightOf(sighting)
    face.template.forEach((value, at) => (track.sum[at] += value * weight))
    track.mean = unit(track.sum)
    if (Math.floor(timeS) !== Math.floor(track.best.timeS)) {
      this.#keep(track)
      track.best = sighting
    } else if (face.quality.unifiedScore > track.best.face.quality.unifiedScore) {
      track.best = sighting
    }
  }

  #end(track: OpenTrack): void {
    this.#keep(track)
    this.#open = this.#open.filter((other) => other !== track)
  }

  #keep({ number, best }: OpenTrack): void {
    if (this.#keptCount >= MAX_KEPT_FACES) {
      this.#left += 1
      return
    }
    this.#keptCount += 1
    this.#kept.push({ ...best, track: number })
  }
}

function weightOf({ face }: Sighting): number {
  return LEAST_WEIGHT + (1 - LEAST_WEIGHT) * face.quality.unifiedScore
}

function movedOn({ lastBox, speed }: OpenTrack, gapS: number): Box {
  return { ...lastBox, x: lastBox.x + speed.x * gapS, y: lastBox.y + speed.y * gapS }
}

function centreOf({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 }
}

function unit(sum: Float32Array): Float32Array {
  const length = Math.hypot(...sum)
  return length === 0 ? sum : sum.map((value) => value / length)
}
