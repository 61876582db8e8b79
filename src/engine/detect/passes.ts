import { rectangleView } from '../raster.ts'
import { type Similarity } from '../raster-types.ts'
import type { DetectionMode } from '../types.ts'

/** One look of the detector at the picture: which part, how large, how turned. */
export interface Pass {
  /** From detector input to working picture. */
  view: Similarity
  tiltDegrees: number
  /** Faces wider or taller than this share of the input's height are left to coarser passes, which see them whole. */
  maxFaceShare: number
  /** Detections below this are not looked at; the pack's own limit applies where it is higher. */
  minScore: number
  /** Only for faces that fill the picture: not needed when the passes before it surely saw faces, and only smaller ones. */
  forLargeFaces?: true
}

interface Size {
  width: number
  height: number
}

/**
 * Share of the picture that one of 2 x 2 tiles spans on each side. The tiles overlap by a fifth of the picture, so
 * that a face up to that size on a seam is whole in one of them; larger faces are found in the whole picture.
 */
const TILE_SHARE = 0.6
/** Tiles of the thorough mode: 4 x 4, overlapping by a third of a tile. */
const FINE_TILES = 4
const FINE_TILE_SHARE = 1 / 3
/** A tile shows cloth and hair as large as faces, so it must be surer than the whole picture. */
const TILE_MIN_SCORE = 0.6
const FINE_TILE_MIN_SCORE = 0.8
/** The largest face that a tile may report. */
const TILE_MAX_FACE_SHARE = 0.6
/** A face that fills the picture is found when the picture is shown with a margin, as detectors are trained. */
const MARGIN_ZOOM = 1.6
/** Zooms, and shifts to the right (half as much down) in detector pixels; the detector's cells are 8 to 64 wide. */
const FIRST_CLOSER = [
  [2, 13],
  [1.25, 0],
  [1.6, 13],
  [0.8, 0],
] as const
const OTHER_CLOSER = [
  [0.8, 13],
  [1, 0],
  [1, 13],
  [1.25, 13],
  [1.6, 0],
  [2, 0],
  [2.6, 0],
  [2.6, 13],
] as const
/** Turns that are tried when nothing was found upright, and always in the thorough mode. */
export const TURNS_DEGREES = [90, 180, 270] as const
/** Tilts between the turns. */
const TILTS_DEGREES = [-45, 45, 135, 225] as const
/** Tiles must be smaller than this part of a picture side in detector pixels to show anything new. */
const MIN_TILE_GAIN = 1.2

/** Upright passes of a mode, coarse to fine. */
export function uprightPasses(picture: Size, input: Size, mode: DetectionMode): Pass[] {
  const passes = [wholePass(picture, input, 1, 0)]
  if (mode === 'fast') return passes
  passes.push(
    { ...wholePass(picture, input, MARGIN_ZOOM, 0), forLargeFaces: true },
    ...tilePasses(picture, input, 2, TILE_SHARE, TILE_MIN_SCORE),
  )
  if (mode === 'thorough')
    passes.push(...tilePasses(picture, input, FINE_TILES, FINE_TILE_SHARE, FINE_TILE_MIN_SCORE))
  return passes
}

/**
 * More upright passes for a picture in which no face is sure: the detector sees a covered face at some sizes and places
 * and not at others, and the box with the highest score lies best.
 * @returns those that show most, and the others
 */
export function closerPasses(picture: Size, input: Size): [Pass[], Pass[]] {
  const place = ([zoom, shiftPx]: readonly [number, number]): Pass =>
    shifted(wholePass(picture, input, zoom, 0), shiftPx)
  return [FIRST_CLOSER.map(place), OTHER_CLOSER.map(place)]
}

function shifted(pass: Pass, shiftPx: number): Pass {
  const { a, tx, ty } = pass.view
  return { ...pass, view: { ...pass.view, tx: tx + shiftPx * a, ty: ty + (shiftPx * a) / 2 } }
}

/** Passes over the turned picture: whole and with a margin. */
export function turnedPasses(picture: Size, input: Size, mode: DetectionMode): Pass[] {
  const turns = mode === 'thorough' ? [...TURNS_DEGREES, ...TILTS_DEGREES] : [...TURNS_DEGREES]
  return turns.flatMap((turn) => [
    wholePass(picture, input, 1, turn),
    wholePass(picture, input, MARGIN_ZOOM, turn),
  ])
}

/** The whole picture turned by `tiltDegrees`, fitted into the input and then shown `zoom` times smaller. */
function wholePass(picture: Size, input: Size, zoom: number, tiltDegrees: number): Pass {
  const radians = (tiltDegrees * Math.PI) / 180
  const cos = Math.abs(Math.cos(radians))
  const sin = Math.abs(Math.sin(radians))
  const width = picture.width * cos + picture.height * sin
  const height = picture.width * sin + picture.height * cos
  const scale = zoom * Math.max(width / input.width, height / input.height)
  const centre = { x: picture.width / 2, y: picture.height / 2 }
  return {
    view: rectangleView(centre, scale, tiltDegrees, input.width, input.height),
    tiltDegrees,
    maxFaceShare: Number.POSITIVE_INFINITY,
    minScore: 0,
  }
}

function tilePasses(picture: Size, input: Size, perSide: number, share: number, minScore: number): Pass[] {
  const tile = { width: picture.width * share, height: picture.height * share }
  const scale = Math.max(tile.width / input.width, tile.height / input.height)
  // A small picture already shows all its pixels in the whole pass.
  if (scale * MIN_TILE_GAIN < 1 && Math.max(picture.width / input.width, picture.height / input.height) <= 1)
    return []
  const passes: Pass[] = []
  for (let row = 0; row < perSide; row++) {
    for (let column = 0; column < perSide; column++) {
      const centre = {
        x: tile.width / 2 + (column * (picture.width - tile.width)) / (perSide - 1),
        y: tile.height / 2 + (row * (picture.height - tile.height)) / (perSide - 1),
      }
      passes.push({
        view: rectangleView(centre, scale, 0, input.width, input.height),
        tiltDegrees: 0,
        maxFaceShare: TILE_MAX_FACE_SHARE,
        minScore,
      })
    }
  }
  return passes
}
