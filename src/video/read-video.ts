import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { similarityAt } from '../engine/calibration.ts'
import type { Engine, PhotoReading } from '../engine/types.ts'
import { framesASecond } from './frame-rate.ts'
import { FaceFollower } from './follow-between.ts'
import { FrameWatch, type FrameChange } from './frame-change.ts'
import { frameFile } from './frame-picture.ts'
import type { KeptFace, Sighting } from './kept-face.ts'
import { MAX_VIDEO_SECONDS } from './limits.ts'
import { probeVideo, refuse, refuseEnding, type VideoFacts, type VideoRefusal } from './probe-video.ts'
import { readFrames, type Frame } from './read-frames.ts'
import { decoderVersion, type Ending } from './run-decoder.ts'
import type { Container } from './sniff-container.ts'
import type { EmbeddingTracePoint } from './embedding-trace.ts'
import { FaceTracker } from './track-faces.ts'

/** Seconds of video between two points from which reading can go on. */
export const SEGMENT_S = 60
/** Frames whose faces are being found beyond the engine's workers. */
const FRAMES_AHEAD = 1
/** Pairs of strangers that may be as similar as two faces that are followed as one without a look at their places. */
const SAME_RATE = 1e-4
/** The same for packs of which nobody has measured it. */
const UNMEASURED_SAME_FROM = 0.5
/** After so many segments without a picture the rest is not looked for, whatever length the file claims. */
const EMPTY_SEGMENTS = 10
/** Hashing goes on in steps of this size, so that a large picture does not hold up the event loop. */
const HASH_STEP_BYTES = 4 * 1024 * 1024

/** Where reading stands between two segments. */
export interface VideoState {
  nextS: number
  /** Time of the last picture seen. */
  lastS: number
  looked: number
  read: number
  faces: number
  note: string | undefined
  tracker: unknown
}

/** What is found in a stretch of video. */
export interface Found {
  kept: KeptFace[]
  trace: EmbeddingTracePoint[]
}

export interface Segment extends Found {
  state: VideoState
  durationS: number | undefined
}

export interface VideoProgress {
  timeS: number
  durationS: number | undefined
  frames: number
  faces: number
}

export interface VideoToRead {
  inputFd: number
  container: Container
  /** Where an earlier reading got to. */
  state: VideoState | undefined
  /** Keeps where reading stands, and the faces of the segment; when it returns they are on the disk. */
  onSegment: (segment: Segment) => Promise<void>
  onProgress?: ((progress: VideoProgress) => void) | undefined
  signal?: AbortSignal | undefined
}

export interface ReadVideo {
  outcome: 'read'
  facts: VideoFacts
  state: VideoState
  /** What `onSegment` has not had. */
  rest: Found
  tracks: number
  sampledASecond: number
  ffmpegVersion: string
}

/**
 * Finds and follows the faces of a video: probe -> decode segment by segment -> look at each frame, read those that show
 * something new -> join faces to tracks. What cannot be decoded in the middle is left out and said in the note; a video of
 * which no picture can be decoded is unreadable. Memory does not grow with the length.
 * @throws AppError `video_decoder_missing`, what the engine and `onSegment` throw; the signal's reason
 */
export async function readVideo(engine: Engine, video: VideoToRead): Promise<ReadVideo | VideoRefusal> {
  const version = decoderVersion()
  const probed = await probeVideo(video.inputFd, video.container, video.signal)
  if (probed.outcome === 'unreadable') return probed
  return new VideoReading(engine, video, probed.facts, version).run()
}

interface PendingFrame {
  frame: Pick<Frame, 'timeS' | 'pts'>
  change: FrameChange
  reading: Promise<{ reading: PhotoReading; pixelsSha256: string }>
  /** The frame between this one and the next. */
  after?: Frame
}

class VideoReading {
  readonly #engine: Engine
  readonly #video: VideoToRead
  readonly #facts: VideoFacts
  readonly #version: string
  readonly #rate = framesASecond()
  readonly #tracker: FaceTracker
  readonly #watch = new FrameWatch()
  readonly #follower: FaceFollower
  #lastLookS: number | undefined
  #state: VideoState
  #pending: PendingFrame[] = []
  #empty = 0

  constructor(engine: Engine, video: VideoToRead, facts: VideoFacts, version: string) {
    this.#engine = engine
    this.#video = video
    this.#facts = facts
    this.#version = version
    const { calibration } = engine
    const sameFrom = calibration === undefined ? UNMEASURED_SAME_FROM : similarityAt(calibration, SAME_RATE)
    const rules = { sameFrom }
    this.#state = video.state ?? FRESH
    this.#follower = new FaceFollower(engine, facts, video.signal)
    this.#tracker =
      video.state === undefined ? new FaceTracker(rules) : FaceTracker.unpack(rules, video.state.tracker)
  }

  async run(): Promise<ReadVideo | VideoRefusal> {
    for (;;) {
      const { nextS: fromS } = this.#state
      const toS = fromS + SEGMENT_S
      const { ending, frames, lastS } = await this.#segment(fromS, toS)
      if (ending.how === 'took_too_long' || ending.how === 'out_of_memory')
        return refuseEnding(ending, 'decoding it')
      const goesOn = this.#goesOn(toS, frames, lastS)
      if (this.#state.looked === 0 && (ending.how !== 'done' || !goesOn)) {
        return ending.how === 'done'
          ? refuse('damaged', 'no picture of it can be decoded')
          : refuseEnding(ending, 'decoding it')
      }
      if (ending.how !== 'done') {
        this.#note(
          `Not all of it could be decoded: it is damaged near ${Math.round(Math.max(lastS, fromS))} s.`,
        )
      }
      if (!goesOn) return await this.#end()
      this.#state = { ...this.#state, nextS: toS, tracker: undefined }
      const kept = this.#tracker.takeKept()
      const state = { ...this.#state, tracker: this.#tracker.pack() }
      const trace = await this.#follower.take()
      await this.#video.onSegment({ state, kept, trace, durationS: this.#facts.durationS })
    }
  }

  /** Whether there is more after a segment: as the file says, or as its pictures show where it says nothing or less. */
  #goesOn(toS: number, frames: number, lastS: number): boolean {
    if (toS >= MAX_VIDEO_SECONDS) {
      this.#note(`Only the first ${MAX_VIDEO_SECONDS} s were read (MAX_VIDEO_SECONDS).`)
      return false
    }
    this.#empty = frames > 0 ? 0 : this.#empty + 1
    if (this.#empty >= EMPTY_SEGMENTS) {
      this.#note(
        `After ${Math.round(this.#state.lastS)} s there were no pictures for ${EMPTY_SEGMENTS * SEGMENT_S} s; the rest was not looked at.`,
      )
      return false
    }
    const isFilled = frames > 0 && lastS >= toS - 2 / this.#rate
    return isFilled || toS < (this.#facts.durationS ?? 0)
  }

  async #segment(fromS: number, toS: number): Promise<{ ending: Ending; frames: number; lastS: number }> {
    const { inputFd, signal } = this.#video
    // One more between each two that may be read: where a face is known from both, it is followed to it.
    const take = { everyS: 1 / this.#rate / 2 - 1e-3 }
    const frames = readFrames({ inputFd, facts: this.#facts, fromS, toS, take, signal })
    let count = 0
    let lastS = -1
    for (;;) {
      const next = await frames.next()
      if (next.done === true) {
        while (this.#pending.length > 0) await this.#takeOne()
        this.#follower.forget()
        this.#lastLookS = undefined
        return { ending: next.value, frames: count, lastS }
      }
      count += 1
      lastS = next.value.timeS
      await this.#look(next.value)
    }
  }

  async #look(frame: Frame): Promise<void> {
    const { widthPx, heightPx } = this.#facts
    if (this.#lastLookS !== undefined && frame.timeS - this.#lastLookS < 1 / this.#rate - 2e-3) {
      const last = this.#pending.at(-1)
      if (last !== undefined) last.after = frame
      else this.#follower.hold(frame)
      return
    }
    this.#lastLookS = frame.timeS
    const change = this.#watch.look(frame.pixels, widthPx, heightPx, frame.timeS)
    this.#state = {
      ...this.#state,
      looked: this.#state.looked + 1,
      lastS: Math.max(this.#state.lastS, frame.timeS),
    }
    if (change === 'still') return
    const { timeS, pts } = frame
    const reading = this.#read(frame)
    // Its failure is met where it is awaited; until then it must not count as unhandled.
    reading.catch(() => undefined)
    this.#pending.push({ frame: { timeS, pts }, change, reading })
    if (this.#pending.length > this.#engine.workers + FRAMES_AHEAD) await this.#takeOne()
  }

  async #read({ pixels }: Frame): Promise<{ reading: PhotoReading; pixelsSha256: string }> {
    const { signal } = this.#video
    const { widthPx, heightPx } = this.#facts
    const file = frameFile(pixels, widthPx, heightPx)
    const reading = await this.#engine.readPhoto(file, signal === undefined ? {} : { signal })
    const hasFaces = reading.outcome === 'read' && reading.faces.length > 0
    return { reading, pixelsSha256: hasFaces ? await hashOf(pixels) : '' }
  }

  /** The oldest frame's faces go to the tracks: frames join in their order, whichever is read first. */
  async #takeOne(): Promise<void> {
    const { frame, change, reading: pending, after } = this.#pending.shift()!
    const { reading, pixelsSha256 } = await pending
    if (reading.outcome === 'unreadable') {
      this.#note(`A picture at ${Math.round(frame.timeS)} s could not be read: ${reading.detail}.`)
      return
    }
    const { faces } = reading
    const sightings = faces.map((face): Sighting => ({
      ...frame,
      pixelsSha256,
      others: faces.filter((other) => other !== face).map(({ boxPx }) => boxPx),
      face,
    }))
    this.#follower.see(frame.timeS, change, this.#tracker.see(frame.timeS, change, sightings))
    if (after !== undefined) this.#follower.hold(after)
    this.#state = {
      ...this.#state,
      read: this.#state.read + 1,
      faces: this.#state.faces + faces.length,
    }
    this.#video.onProgress?.({
      timeS: frame.timeS,
      durationS: this.#facts.durationS,
      frames: this.#state.looked,
      faces: this.#state.faces,
    })
  }

  #note(sentence: string): void {
    if (this.#state.note === undefined) this.#state = { ...this.#state, note: sentence }
  }

  async #end(): Promise<ReadVideo> {
    const rest = { kept: this.#tracker.finish(), trace: await this.#follower.take() }
    if (this.#tracker.leftOut > 0) {
      this.#note(
        `${this.#tracker.leftOut} sightings were not followed: MAX_TRACKS, MAX_KEPT_FACES or MAX_FACES_A_FRAME was reached.`,
      )
    }
    return {
      outcome: 'read',
      facts: this.#facts,
      state: this.#state,
      rest,
      tracks: this.#tracker.tracks,
      sampledASecond: this.#rate,
      ffmpegVersion: this.#version,
    }
  }
}

const FRESH: VideoState = {
  nextS: 0,
  lastS: 0,
  looked: 0,
  read: 0,
  faces: 0,
  note: undefined,
  tracker: undefined,
}

async function hashOf(pixels: Uint8Array): Promise<string> {
  const sum = createHash('sha256')
  for (let at = 0; at < pixels.byteLength; at += HASH_STEP_BYTES) {
    if (at > 0) await nextTurn()
    sum.update(pixels.subarray(at, at + HASH_STEP_BYTES))
  }
  return sum.digest('hex')
}
