import type { Face } from '../../engine/types.ts'
import type { FoundMoment } from '../../media/video-moments.ts'

/** Said when a search compared nothing, so that its 'no candidate' is not taken for a result. */
export const NO_FACES =
  'No face was searched: the photos searched hold none that was found. This is no result about the person.'

/** A similarity as people read it; never a percentage. */
export function similarityText(value: number): string {
  return value.toFixed(3)
}

/** `face 2 at 120,80 150x170`: where a face is in its photo. */
export function placeText({ number, boxPx }: Pick<Face, 'number' | 'boxPx'>): string {
  const [x, y, width, height] = [boxPx.x, boxPx.y, boxPx.width, boxPx.height].map(Math.round)
  return `face ${number} at ${x},${y} ${width}x${height}`
}

/** The same for a face of a video: `0:42 in track 1 (0:03 to 1:20)`. */
export function momentText({ timeS, track, trackFirstS, trackLastS }: FoundMoment): string {
  return `${clockText(timeS)} in track ${track} (${clockText(trackFirstS)} to ${clockText(trackLastS)})`
}

/** `1:02:03` or `2:03`: a time in a video. */
export function clockText(seconds: number): string {
  const whole = Math.floor(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const padded = [minutes, rest].map((part) => String(part).padStart(2, '0'))
  return hours > 0 ? `${hours}:${padded.join(':')}` : `${minutes}:${padded[1]}`
}
