import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import { createEngine } from './create-engine.ts'
import { similarity } from './embed/similarity.ts'
import { falseMatchRate, similarityAt } from './calibration.ts'
import type { Engine, Face } from './types.ts'

let engine: Engine
beforeAll(async () => {
  engine = await createEngine()
})
afterAll(async () => {
  await engine.close()
})

async function facesOf(photo: string | Uint8Array): Promise<Face[]> {
  const reading = await engine.readPhoto(photo)
  if (reading.outcome !== 'read') throw new Error(`expected a readable photo, received ${reading.detail}`)
  return reading.faces
}

async function onlyFace(photo: string | Uint8Array): Promise<Face> {
  const faces = await facesOf(photo)
  expect(faces).toHaveLength(1)
  return faces[0]
}

describe('the engine on real photos', () => {
  test('finds the 22 faces of the six group photos, and nothing else', async () => {
    const counts = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (number) => (await facesOf(groupPhoto(number))).length),
    )
    expect(counts).toEqual([3, 3, 3, 4, 5, 4])
  })

  test('marks a face that may be none, and no clear one', async () => {
    const found = (
      await Promise.all([1, 2, 3, 4, 5, 6].map(async (number) => facesOf(groupPhoto(number))))
    ).flat()
    const clear = found.filter(({ quality }) => !quality.advice.includes('turned_away'))
    expect(clear.length).toBeGreaterThan(15)
    expect(clear.filter(({ quality }) => quality.advice.includes('unsure_face'))).toEqual([])
    const blurred = await sharp(portrait('audrey.jpg')).resize(500).blur(18).png().toBuffer()
    expect((await onlyFace(blurred)).quality.advice).toContain('unsure_face')
  })

  test('numbers faces from left to right and places landmarks inside their boxes', async () => {
    const faces = await facesOf(groupPhoto(6))
    expect(faces.map(({ number }) => number)).toEqual([1, 2, 3, 4])
    expect(faces.map(({ boxPx }) => boxPx.x)).toEqual(
      faces.map(({ boxPx }) => boxPx.x).toSorted((a, b) => a - b),
    )
    for (const { boxPx, fivePointsPx, landmarksPx } of faces) {
      expect(landmarksPx).toHaveLength(68)
      for (const { x, y } of fivePointsPx) {
        expect(x).toBeGreaterThan(boxPx.x)
        expect(x).toBeLessThan(boxPx.x + boxPx.width)
        expect(y).toBeGreaterThan(boxPx.y)
        expect(y).toBeLessThan(boxPx.y + boxPx.height)
      }
    }
  })

  test('the fair-haired person of the first photo is most like the one in the middle of the third', async () => {
    const [, , probe] = await facesOf(groupPhoto(1))
    const scores = (await Promise.all([2, 3, 4, 5, 6].map(async (number) => facesOf(groupPhoto(number)))))
      .flatMap((faces, index) =>
        faces.map((face) => ({
          photo: index + 2,
          face: face.number,
          score: similarity(probe.template, face.template),
        })),
      )
      .toSorted((a, b) => b.score - a.score)
    expect(scores[0]).toMatchObject({ photo: 3, face: 2 })
    expect(scores[0].score - scores[1].score).toBeGreaterThan(0.2)
  })

  test('the same bytes give the same template, and a crop of a portrait nearly the same', async () => {
    const first = await onlyFace(portrait('audrey.jpg'))
    const again = await onlyFace(await readFile(portrait('audrey.jpg')))
    const crop = await onlyFace(portrait('audrey_crop.jpg'))
    expect([...again.template]).toEqual([...first.template])
    expect(similarity(first.template, crop.template)).toBeGreaterThan(0.9)
    expect(Math.hypot(...first.template)).toBeCloseTo(1, 5)
  })

  test.each([90, 180, 270])(
    'a photo turned by %i degrees gives nearly the same template',
    async (degrees) => {
      const upright = await onlyFace(portrait('cage.jpg'))
      const turned = await onlyFace(await sharp(portrait('cage.jpg')).rotate(degrees).png().toBuffer())
      expect(similarity(upright.template, turned.template)).toBeGreaterThan(0.9)
      const turnedBack = (((turned.tiltDegrees - degrees - upright.tiltDegrees) % 360) + 540) % 360
      expect(Math.abs(turnedBack - 180)).toBeLessThan(15)
    },
  )

  test('a photo lit at a tenth is lightened and its face found', async () => {
    const light = await onlyFace(portrait('chuck_crop.jpg'))
    const dark = await onlyFace(await sharp(portrait('chuck_crop.jpg')).linear(0.1).png().toBuffer())
    expect(similarity(light.template, dark.template)).toBeGreaterThan(0.7)
  })

  test('a half-covered face says so and still resembles the whole one', async () => {
    const whole = await onlyFace(portrait('audrey.jpg'))
    const cover = { create: { width: 190, height: 420, channels: 3 as const, background: '#343c54' } }
    const middle = Math.round(whole.fivePointsPx[2].x)
    const covered = await sharp(portrait('audrey.jpg'))
      .composite([{ input: await sharp(cover).png().toBuffer(), left: middle, top: 130 }])
      .png()
      .toBuffer()
    const half = await onlyFace(covered)
    expect(half.quality.advice).toContain('covered')
    expect(similarity(whole.template, half.template)).toBeGreaterThan(0.33)
  })

  test('quality falls with size and sharpness, and the advice says why', async () => {
    const sharpFace = await onlyFace(portrait('audrey.jpg'))
    const small = await onlyFace(await sharp(portrait('audrey.jpg')).resize(60).png().toBuffer())
    const blurred = await onlyFace(await sharp(portrait('audrey.jpg')).blur(12).png().toBuffer())
    expect(sharpFace.quality.advice).toEqual([])
    expect(small.quality.advice).toContain('too_small')
    expect(blurred.quality.advice).toContain('blurred')
    expect(small.quality.unifiedScore).toBeLessThan(sharpFace.quality.unifiedScore)
    expect(blurred.quality.sharpnessScore).toBeLessThan(sharpFace.quality.sharpnessScore)
  })

  test('five points marked by hand give the template that the detector gives', async () => {
    const found = await onlyFace(portrait('obama4_crop.jpg'))
    const marked = await engine.readMarkedFace(portrait('obama4_crop.jpg'), found.fivePointsPx)
    if (marked.outcome !== 'read') throw new Error(marked.detail)
    expect(marked.faces[0].origin).toBe('examiner')
    expect(similarity(found.template, marked.faces[0].template)).toBeGreaterThan(0.99)
  })

  test('drawings of landmarks and icons are not faces', async () => {
    expect(await facesOf(portrait('facemodel_numbering_new.png'))).toEqual([])
    expect(await facesOf(portrait('icon_sad.png'))).toEqual([])
  })
})

describe('calibration', () => {
  test('falls with similarity, and its inverse agrees', () => {
    const { calibration } = engine
    if (calibration === undefined) throw new Error('the default pack is calibrated')
    const rates = [-0.2, 0.1, 0.2, 0.3, 0.4, 0.6].map((value) => falseMatchRate(calibration, value).rate)
    expect(rates).toEqual(rates.toSorted((a, b) => b - a))
    expect(falseMatchRate(calibration, similarityAt(calibration, 0.001)).rate).toBeCloseTo(0.001, 6)
    expect(falseMatchRate(calibration, 0.6).extrapolated).toBe(true)
    expect(falseMatchRate(calibration, 0.3).extrapolated).toBe(false)
  })
})
