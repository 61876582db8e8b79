/** How a pair is looked at; the same for both pictures, so that what is done to one is done to the other. */
export interface View {
  /** Times the fitted size. */
  zoom: number
  /** Pixels of the pane, after zoom. */
  panX: number
  panY: number
  /** Degrees clockwise, on top of each picture's own. */
  turn: number
}

/** What stands for one picture alone. */
export interface Side {
  flipped: boolean
  /** Factors; 1 leaves the picture as it is. */
  brightness: number
  contrast: number
  /** Degrees clockwise, to set this picture upright. */
  turn: number
}

/** How both pictures are brought to each other: their five points on the same places, their faces' boxes, or whole. */
export type Frame = 'landmarks' | 'boxes' | 'whole'

export type Mode = 'side' | 'overlay' | 'wipe' | 'blink'

export interface Bench {
  mode: Mode
  view: View
  probe: Side
  candidate: Side
  grid: boolean
  frame: Frame
  /** Whether notes are shown. */
  notes: boolean
  /** Opacity of the candidate over the probe, 0 to 1; or the place of the wipe's edge. */
  mix: number
}

export const FACES_ALIGNED: View = { zoom: 1, panX: 0, panY: 0, turn: 0 }
const PLAIN: Side = { flipped: false, brightness: 1, contrast: 1, turn: 0 }
export const NEW_BENCH: Bench = {
  mode: 'side',
  view: FACES_ALIGNED,
  probe: PLAIN,
  candidate: PLAIN,
  grid: false,
  frame: 'landmarks',
  notes: true,
  mix: 0.5,
}

export const SMALLEST_ZOOM = 0.2
export const LARGEST_ZOOM = 24
const ZOOM_STEP = 1.25
const PAN_STEP_PX = 40
const TURN_STEP_DEGREES = 1
const MODES: Record<string, Mode> = { 1: 'side', 2: 'overlay', 3: 'wipe', 4: 'blink' }

/** Zooms about a place of the pane, which stays under the pointer. */
export function zoomAbout(view: View, factor: number, x: number, y: number): View {
  const zoom = Math.min(LARGEST_ZOOM, Math.max(SMALLEST_ZOOM, view.zoom * factor))
  const change = zoom / view.zoom
  return { ...view, zoom, panX: x - (x - view.panX) * change, panY: y - (y - view.panY) * change }
}

/** What a key does to the bench; undefined when it means nothing here. */
export function benchAfterKey(bench: Bench, key: string): Bench | undefined {
  const { view } = bench
  const pan = (x: number, y: number): Bench => ({
    ...bench,
    view: { ...view, panX: view.panX + x * PAN_STEP_PX, panY: view.panY + y * PAN_STEP_PX },
  })
  const mode = MODES[key]
  if (mode !== undefined) return { ...bench, mode }
  switch (key) {
    case '+':
    case '=':
      return { ...bench, view: zoomAbout(view, ZOOM_STEP, 0, 0) }
    case '-':
      return { ...bench, view: zoomAbout(view, 1 / ZOOM_STEP, 0, 0) }
    case '0':
      return { ...bench, view: FACES_ALIGNED }
    case '[':
      return { ...bench, view: { ...view, turn: view.turn - TURN_STEP_DEGREES } }
    case ']':
      return { ...bench, view: { ...view, turn: view.turn + TURN_STEP_DEGREES } }
    case 'ArrowLeft':
      return pan(1, 0)
    case 'ArrowRight':
      return pan(-1, 0)
    case 'ArrowUp':
      return pan(0, 1)
    case 'ArrowDown':
      return pan(0, -1)
    case 'f':
      return { ...bench, candidate: { ...bench.candidate, flipped: !bench.candidate.flipped } }
    case 'g':
      return { ...bench, grid: !bench.grid }
    case 'l':
      return { ...bench, frame: bench.frame === 'landmarks' ? 'boxes' : 'landmarks', view: FACES_ALIGNED }
    case 'v':
      return { ...bench, notes: !bench.notes }
    case 'w':
      return { ...bench, frame: bench.frame === 'whole' ? 'landmarks' : 'whole', view: FACES_ALIGNED }
    default:
      return undefined
  }
}
