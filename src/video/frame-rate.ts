import process from 'node:process'
import { AppError } from '../errors.ts'
import { LEAST_FRAMES_A_SECOND, MOST_FRAMES_A_SECOND } from './limits.ts'

/** Frames a second that are looked at unless LIKENESS_VIDEO_FRAMES says otherwise: a face that shows for half a second is met. */
export const STANDARD_FRAMES_A_SECOND = 2

/** Frames a second that a video is looked at. @throws AppError `bad_input` for a setting that is no number in the limits */
export function framesASecond(): number {
  const text = process.env.LIKENESS_VIDEO_FRAMES
  if (text === undefined || text === '') return STANDARD_FRAMES_A_SECOND
  const rate = Number(text)
  if (rate >= LEAST_FRAMES_A_SECOND && rate <= MOST_FRAMES_A_SECOND) return rate
  throw new AppError(
    'bad_input',
    `Expected LIKENESS_VIDEO_FRAMES from ${LEAST_FRAMES_A_SECOND} to ${MOST_FRAMES_A_SECOND} frames a second, received '${text}'.`,
  )
}
