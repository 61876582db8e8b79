import type { Frame, Side, View } from './view.ts'

export interface Point {
  x: number
  y: number
}

/** Right eye, left eye, nose tip, right and left mouth corner (the subject's). */
export type FivePoints = readonly [Point, Point, Point, Point, Point]

/** A picture and the face on it. */
export interface Framed {
  widthPx: number
  heightPx: number
  face: { x: number; y: number; width: number; height: number }
  fivePoints: FivePoints | undefined
}

interface Size {
  width: number
  height: number
}

/** Share of the pane that a face's box takes. */
const FACE_SHARE = 0.6
/**
 * Where the five points of an upright face stand in a square of 112: the ArcFace alignment (Deng et al. 2019, Insightface
 * `arcface_dst`).
 */
const UPRIGHT: FivePoints = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
]
const UPRIGHT_SIDE = 112
/** Share of the pane that this square takes. */
const UPRIGHT_SHARE = 0.72

/** Maps pixels of the picture to pixels of the pane. */
export function placePicture(picture: Framed, pane: Size, view: View, side: Side, frame: Frame): DOMMatrix {
  return new DOMMatrix()
    .translate(pane.width / 2 + view.panX, pane.height / 2 + view.panY)
    .scale(view.zoom)
    .rotate(view.turn + side.turn)
    .scale(side.flipped ? -1 : 1, 1)
    .multiply(framePicture(picture, pane, frame))
}

/** Brings the picture's face, or the whole of it, to the middle (0, 0) in its size for this pane. */
function framePicture({ widthPx, heightPx, face, fivePoints }: Framed, pane: Size, frame: Frame): DOMMatrix {
  const least = Math.min(pane.width, pane.height)
  if (frame === 'whole') {
    const fit = Math.min(pane.width / widthPx, pane.height / heightPx)
    return new DOMMatrix().scale(fit).translate(-widthPx / 2, -heightPx / 2)
  }
  if (frame === 'landmarks' && fivePoints !== undefined) {
    const unit = (least * UPRIGHT_SHARE) / UPRIGHT_SIDE
    return new DOMMatrix()
      .scale(unit)
      .translate(-UPRIGHT_SIDE / 2, -UPRIGHT_SIDE / 2)
      .multiply(similarityBetween(fivePoints, UPRIGHT))
  }
  const fit = (FACE_SHARE * least) / Math.max(face.width, face.height)
  return new DOMMatrix().scale(fit).translate(-(face.x + face.width / 2), -(face.y + face.height / 2))
}

/**
 * The rotation, scale and shift that bring points nearest to others in least squares (Umeyama 1991, without reflection;
 * in the plane it has a closed form).
 */
export function similarityBetween(from: readonly Point[], to: readonly Point[]): DOMMatrix {
  const [a, b] = [middleOf(from), middleOf(to)]
  let [along, across, spread] = [0, 0, 0]
  for (const [at, point] of from.entries()) {
    const [px, py] = [point.x - a.x, point.y - a.y]
    const [qx, qy] = [to[at].x - b.x, to[at].y - b.y]
    along += px * qx + py * qy
    across += px * qy - py * qx
    spread += px * px + py * py
  }
  const [cos, sin] = [along / spread, across / spread]
  return new DOMMatrix([cos, sin, -sin, cos, b.x - cos * a.x + sin * a.y, b.y - sin * a.x - cos * a.y])
}

function middleOf(points: readonly Point[]): Point {
  const sum = points.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 })
  return { x: sum.x / points.length, y: sum.y / points.length }
}

/** How many pixels of the pane one of the picture takes. */
export function scaleOf({ a, b }: DOMMatrix): number {
  return Math.hypot(a, b)
}

/** A place in the pane as one in the picture. */
export function toPicture(matrix: DOMMatrix, { x, y }: Point): Point {
  const point = matrix.inverse().transformPoint({ x, y })
  return { x: point.x, y: point.y }
}
