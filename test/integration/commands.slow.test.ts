import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import { runLikeness } from '../support/run-likeness.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'likeness-commands-slow-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('likeness find', () => {
  test('lists the faces of a probe with several and asks for one', async () => {
    const { exitCode, stdout, stderr } = await runLikeness([
      'find',
      groupPhoto(1),
      '--in',
      path.dirname(groupPhoto(2)),
    ])
    expect(exitCode).toBe(2)
    expect(stdout.match(/--face \d/g)).toEqual(['--face 1', '--face 2', '--face 3'])
    expect(stderr).toContain('choose one with --face')
  })

  test('nothing found is a result and ends with 1', async () => {
    const empty = path.join(folder, 'others')
    await mkdir(empty)
    await copyFile(portrait('obama4_crop.jpg'), path.join(empty, 'other.jpg'))
    const { exitCode, stdout } = await runLikeness(['find', portrait('audrey.jpg'), '--in', empty])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('No candidate')
    expect(stdout).not.toContain('\u001b[')
  })
})

test('likeness compare tells a mate from a stranger and says how often strangers match', async () => {
  const mate = await runLikeness([
    'compare',
    portrait('SeanConnery.jpg'),
    portrait('sean_guru2_crop.jpg'),
    '--json',
  ])
  const stranger = await runLikeness(['compare', portrait('SeanConnery.jpg'), portrait('cage.jpg'), '--json'])
  const [same, other] = [JSON.parse(mate.stdout) as CompareJson, JSON.parse(stranger.stdout) as CompareJson]
  expect(mate.exitCode).toBe(0)
  expect(stranger.exitCode).toBe(1)
  expect(same.similarity).toBeGreaterThan(other.similarity + 0.2)
  expect(same.falseMatchRate).toBeLessThan(0.001)
  expect(other.falseMatchRate).toBeGreaterThan(0.001)
})

test('likeness evaluate measures a labelled folder and writes the page', async () => {
  const people = path.join(folder, 'people')
  const files = { audrey: ['audrey.jpg', 'audrey_crop.jpg'], cage: ['cage.jpg', 'cage2_crop.jpg'] }
  for (const [person, names] of Object.entries(files)) {
    await mkdir(path.join(people, person), { recursive: true })
    for (const name of names) await copyFile(portrait(name), path.join(people, person, name))
  }
  const html = path.join(folder, 'evaluation.html')
  const { exitCode, stdout } = await runLikeness([
    'evaluate',
    people,
    '--json',
    '--html',
    html,
    '--degrade',
    'jpeg-10',
    'rotated-90',
  ])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    photos: 4,
    people: 2,
    found: 4,
    rank1: 1,
    tar: { '0.01': 1, '0.001': 1 },
    fnir: { '0.01': 0 },
    degraded: { 'jpeg-10': { found: 1, rank1: 1 }, 'rotated-90': { found: 1, rank1: 1 } },
  })
  const page = await readFile(html, 'utf8')
  expect(page).toContain('DET: errors')
  expect(page).toContain('CMC: mate')
  expect(page.match(/src="data:image\/jpeg/g)?.length).toBeGreaterThan(4)
})

interface CompareJson {
  similarity: number
  falseMatchRate: number
}

test('what of a file was not read is said by every command that reads it', async () => {
  const file = path.join(folder, 'cut short.jpg')
  const whole = await readFile(portrait('audrey.jpg'))
  await writeFile(file, whole.subarray(0, Math.round(whole.byteLength * 0.97)))
  const said = 'cut short.jpg: The file is cut short: the part of the picture that is there was read.'
  for (const args of [
    ['faces', file],
    ['compare', file, portrait('audrey_crop.jpg')],
    ['find', file, '--in', folder],
  ]) {
    const { exitCode, stderr } = await runLikeness(args)
    expect(exitCode, stderr).not.toBe(null)
    expect(stderr, args[0]).toContain(said)
  }
})
