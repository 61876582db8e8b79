import type { Face } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { printable } from '../search/choose-probe-face.ts'
import { say, sayJson, warn } from './output/terminal.ts'
import { placeText } from './output/words.ts'

type ListedFace = Pick<Face, 'number' | 'boxPx'> & { quality: Pick<Face['quality'], 'unifiedScore'> }

/** Lists the faces of a probe photo that shows several, and asks for --face. @returns the exit code */
export function askForFace(file: string, faces: readonly ListedFace[], json: boolean): number {
  const message = `${printable(file)} shows ${faces.length} faces: choose one with --face N.`
  if (json) {
    const listed = faces.map(({ number, boxPx, quality }) => ({
      face: number,
      box: boxPx,
      quality: quality.unifiedScore,
    }))
    sayJson({ error: { code: 'choose_face', message }, faces: listed })
  } else {
    for (const face of faces)
      say(`  --face ${face.number}   ${placeText(face)}, quality ${face.quality.unifiedScore.toFixed(2)}`)
  }
  warn(message)
  return new AppError('choose_face', message).exitCode
}
