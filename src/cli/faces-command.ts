import type { Command } from 'commander'
import { ADVICE_SENTENCES } from '../engine/quality/advice.ts'
import type { DetectionMode, Face, PhotoReading } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { drawFaces } from '../html-reports/draw-faces.ts'
import { printable } from '../search/choose-probe-face.ts'
import { EXIT } from './exit-codes.ts'
import { parseMode } from './options.ts'
import { say, sayJson } from './output/terminal.ts'
import { warnOfRemarks } from './output/warn-of-photo.ts'
import { placeText } from './output/words.ts'
import { startEngine } from './start-engine.ts'

interface FacesOptions {
  draw?: string
  mode: DetectionMode
  pack?: string
  json?: boolean
}

/** `likeness faces PHOTO`: boxes, landmarks, pose, quality and advice. */
export function addFacesCommand(program: Command): void {
  program
    .command('faces')
    .description('List the faces of a photo with landmarks, pose, quality and advice.')
    .argument('<photo>')
    .option('--draw <file>', 'write the photo as PNG with boxes and landmarks drawn')
    .option('--mode <mode>', 'fast, standard or thorough', parseMode, 'standard')
    .option('--pack <id>', 'model pack; see `likeness models`')
    .option('--json', 'print the result as JSON')
    .action(async (photo: string, options: FacesOptions) => {
      const engine = await startEngine(options.pack)
      try {
        const reading = await engine.readPhoto(photo, { mode: options.mode })
        if (reading.outcome === 'unreadable')
          throw new AppError('unreadable_input', `${printable(photo)}: ${reading.detail}`)
        warnOfRemarks(photo, reading.photo)
        if (options.draw !== undefined) await drawFaces(photo, reading.faces, options.draw)
        if (options.json === true) sayJson(toJson(photo, reading))
        else print(photo, reading, options.draw)
        process.exitCode = reading.faces.length > 0 ? EXIT.found : EXIT.nothingFound
      } finally {
        await engine.close()
      }
    })
}

type Read = Extract<PhotoReading, { outcome: 'read' }>

function print(file: string, { photo, faces }: Read, drawn: string | undefined): void {
  say(
    `${printable(file)}: ${photo.format.toUpperCase()}, ${photo.widthPx} x ${photo.heightPx} pixels, ${faces.length === 0 ? 'no face found' : `${faces.length} ${faces.length === 1 ? 'face' : 'faces'}`}`,
  )
  for (const face of faces) {
    const { quality, pose } = face
    say()
    say(placeText(face))
    say(
      `  eye distance ${quality.interEyeDistancePx.toFixed(0)} px, tilt ${face.tiltDegrees.toFixed(0)}°${pose === undefined ? '' : `, yaw ${pose.yawDegrees.toFixed(0)}°, pitch ${pose.pitchDegrees.toFixed(0)}°`}`,
    )
    say(`  quality ${quality.unifiedScore.toFixed(2)}: ${scores(face)}`)
    for (const code of quality.advice) say(`  ${ADVICE_SENTENCES[code]}`)
  }
  if (drawn !== undefined) say(`\nDrawn: ${drawn}`)
}

function scores({ quality, verificationScore }: Face): string {
  return [
    `sharpness ${quality.sharpnessScore.toFixed(2)}`,
    `light ${Math.min(quality.underExposureScore, quality.overExposureScore).toFixed(2)}`,
    `pose ${quality.headPoseScore.toFixed(2)}`,
    `eyes open ${quality.eyesOpenScore.toFixed(2)}`,
    `uncovered ${quality.occlusionScore.toFixed(2)}`,
    `in picture ${quality.faceInsidePictureScore.toFixed(2)}`,
    `is a face ${verificationScore.toFixed(2)}`,
  ].join(', ')
}

/** The documented shape of `faces --json`; templates stay inside. */
function toJson(file: string, { photo, faces }: Read): unknown {
  return {
    file,
    photo,
    faces: faces.map((face) => ({
      face: face.number,
      box: face.boxPx,
      tiltDegrees: face.tiltDegrees,
      landmarks: face.landmarksPx,
      fivePoints: face.fivePointsPx,
      pose: face.pose,
      detectionScore: face.detectionScore,
      verificationScore: face.verificationScore,
      quality: face.quality,
      advice: face.quality.advice.map((code) => ADVICE_SENTENCES[code]),
    })),
  }
}
