import type { Box, Face } from '../engine/types.ts'

/** A face in a frame of a video. */
export interface Sighting {
  timeS: number
  pts: number
  /** Of the frame's pixels. */
  pixelsSha256: string
  /** Boxes of the frame's other faces: where the frame is handed on, they are hidden. */
  others: Box[]
  face: Face
}

/** A sighting that is kept, with the number of its track. */
export interface KeptFace extends Sighting {
  track: number
}

type Packed = Omit<KeptFace, 'face'> & { face: Omit<Face, 'template'> & { template: string } }

/** Kept faces as text for the record of how far a video has come. */
export function packFaces(faces: readonly KeptFace[]): Uint8Array {
  const packed: Packed[] = faces.map((kept) => ({
    ...kept,
    face: { ...kept.face, template: packNumbers(kept.face.template) },
  }))
  return Buffer.from(JSON.stringify(packed))
}

export function unpackFaces(bytes: Uint8Array): KeptFace[] {
  const packed = JSON.parse(Buffer.from(bytes).toString('utf8')) as Packed[]
  return packed.map((kept) => ({
    ...kept,
    face: {
      ...kept.face,
      // JSON leaves out what is undefined.
      landmarksPx: kept.face.landmarksPx,
      pose: kept.face.pose,
      template: unpackNumbers(kept.face.template),
    },
  }))
}

export function packNumbers(numbers: Float32Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64')
}

export function unpackNumbers(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(new Uint8Array(bytes).buffer)
}
