/**
 * What the engine says of a photo. Types only.
 *
 * Frames: `…Px` are pixels of the upright original (EXIF orientation applied, full size), origin top left,
 * x to the right, y down, the first pixel's top-left corner at (0, 0). Angles are degrees, clockwise positive.
 */
import type { CameraRaw } from './decode/camera-raw.ts'
import type { PackManifest } from './pack/manifest.ts'

/** How much work detection does: `fast` one pass, `standard` a pyramid of passes, `thorough` also tiles and tilts. */
export type DetectionMode = 'fast' | 'standard' | 'thorough'

export interface Point {
  x: number
  y: number
}

/** An axis-aligned box; may reach past the picture's edge when the face is cut off by it. */
export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Subject's right eye, subject's left eye, nose tip, right and left mouth corner, as seen from left to right on an upright face. */
export type FivePoints = [Point, Point, Point, Point, Point]

/**
 * What people must know of how a file was read. `cut_short`: its end is missing, and the part that is there was read.
 * `more_pictures`: so many pages, frames or pictures follow the one that was read. `raw_preview`: a camera raw was read by the
 * preview that the camera put in it. `video_inside`: a film stands behind the picture (a motion photo).
 */
export type PhotoRemark =
  | { kind: 'cut_short' }
  | { kind: 'more_pictures'; count: number }
  | { kind: 'raw_preview' }
  | { kind: 'video_inside' }

/** Facts of the decoded file. */
export interface PhotoFacts {
  /** What the bytes are, found by content, never by name. */
  format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif' | 'heic' | CameraRaw
  /** Size of the upright original. */
  widthPx: number
  heightPx: number
  /** EXIF orientation tag that was applied, 1 to 8. */
  exifOrientation: number
  /** Frames or pages in the file; only the first is read. */
  frames: number
  /** Empty when the file was read whole. */
  remarks: PhotoRemark[]
  /** 64-bit perceptual hash of the picture as 16 hex digits; near duplicates differ in few bits. */
  perceptualHash: string
}

/** Head pose from the pose model. Yaw is positive when the subject looks to the picture's right. */
export interface HeadPose {
  yawDegrees: number
  pitchDegrees: number
  rollDegrees: number
}

/** Quality measures, named after OFIQ (ISO/IEC 29794-5) where the same thing is measured; each `…Score` is 0 (bad) to 1 (good). */
export interface FaceQuality {
  /** One number for sorting and for choosing the best of several faces, 0 to 1. */
  unifiedScore: number
  interEyeDistancePx: number
  sharpnessScore: number
  underExposureScore: number
  overExposureScore: number
  headPoseScore: number
  eyesOpenScore: number
  occlusionScore: number
  /** 1 when the whole face is inside the picture. */
  faceInsidePictureScore: number
  /** What to do or to be careful of, as stable codes; sentences for people are made from them. Empty when all is well. */
  advice: QualityAdvice[]
}

export type QualityAdvice =
  | 'too_small'
  | 'blurred'
  | 'too_dark'
  | 'too_bright'
  | 'turned_away'
  | 'eyes_closed'
  | 'covered'
  | 'cut_off'
  | 'weak_template'
  | 'unsure_face'

/** One face of a photo, detected or hand-marked. */
export interface Face {
  /** Number of the face in this photo, from 1, left to right. */
  number: number
  origin: 'detector' | 'examiner'
  boxPx: Box
  /** Confidence of the detector, 0 to 1; 1 for hand-marked faces. */
  detectionScore: number
  /** Confidence that this is a face, from verification after detection, 0 to 1; 1 for hand-marked faces. */
  verificationScore: number
  /** In-plane rotation of the face in the picture, -180 to 180. */
  tiltDegrees: number
  /** 68 landmarks in the order of the iBUG 300-W scheme; undefined for faces of packs without a landmark model. */
  landmarksPx: Point[] | undefined
  fivePointsPx: FivePoints
  pose: HeadPose | undefined
  quality: FaceQuality
  /** Feature vector of unit length. */
  template: Float32Array
}

export type UnreadableReason =
  | 'empty_file'
  | 'not_an_image'
  | 'unsupported_format'
  | 'damaged'
  | 'too_many_pixels'
  | 'too_many_bytes'
  | 'too_small'
  | 'took_too_long'
  | 'out_of_memory'
  | 'file_not_found'
  | 'no_permission'
  | 'not_a_file'
  | 'read_failed'

/** What came of reading one photo. No face is an ordinary result: `faces` is then empty. */
export type PhotoReading =
  | { outcome: 'read'; photo: PhotoFacts; faces: Face[] }
  | {
      outcome: 'unreadable'
      reason: UnreadableReason
      /** One sentence for people, without the file's name. */
      detail: string
    }

/** Templates of faces that were followed to another frame; undefined where none converged. */
export interface FollowedFaces {
  outcome: 'followed'
  templates: (Float32Array | undefined)[]
}

/** The engine: photo -> faces -> templates, on worker threads. */
export interface Engine {
  /** Id of the model pack; templates of different packs are never compared. */
  readonly packId: string
  /** Changes whenever the same photo would give another template. */
  readonly pipelineVersion: string
  /** What a similarity of this pack stands for, measured on pairs of different people; undefined: not measured. */
  readonly calibration: PackManifest['calibration']
  /** Numbers in a template. */
  readonly templateLength: number
  /** Worker threads; also how many photos are worked on at once. */
  readonly workers: number
  /**
   * Finds, describes and embeds every face of one photo.
   * @param photo the file's bytes, or its path (read in the worker, with the byte limit applied before reading)
   */
  readPhoto(
    photo: Uint8Array | string,
    options?: { mode?: DetectionMode; signal?: AbortSignal },
  ): Promise<PhotoReading>
  /**
   * Describes and embeds one face whose five points a person marked.
   * @param points pixels of the upright original
   */
  readMarkedFace(photo: Uint8Array | string, points: FivePoints): Promise<PhotoReading>
  /**
   * Embeds faces of a video's frame whose places are known from the frames around it; see follow-faces.ts.
   * @param near where they are about to be, pixels of the upright frame
   */
  followFaces(
    frame: Uint8Array,
    near: readonly { boxPx: Box; tiltDegrees: number }[],
    signal?: AbortSignal,
  ): Promise<FollowedFaces>
  /** Ends the worker threads; readings under way are refused. */
  close(): Promise<void>
}
