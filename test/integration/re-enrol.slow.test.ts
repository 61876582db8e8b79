import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { PIPELINE_VERSION } from '../../src/engine/pipeline-version.ts'
import { portrait } from '../../scripts/sample-photos.ts'
import { faceRow, templateRow } from '../../src/imports/face-rows.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { cacheFolder, findPack } from '../../src/engine/pack/find-pack.ts'
import { enterInIndex } from '../../src/store/index-feed.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import {
  detectorNetwork,
  TEMPLATE_LENGTH,
  writePack,
  yunetOutputs,
  type MadeUpFace,
} from '../support/made-up-packs.ts'
import { runLikeness } from '../support/run-likeness.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** What the other pack's detector sees in every picture. */
const FACE: MadeUpFace = {
  x1: 112,
  y1: 100,
  x2: 208,
  y2: 220,
  points: [
    [140, 148],
    [182, 150],
    [161, 172],
    [144, 194],
    [180, 195],
  ],
}
const OTHER_PACK = 'other-1.0'

/** Marks the face of a photo by hand, as an examiner does where the detector fails. */
async function markByHand(store: Store, photo: string): Promise<string> {
  const engine = await createEngine({ workers: 1 })
  const found = await engine.readPhoto(photo)
  if (found.outcome !== 'read') throw new Error(found.detail)
  const marked = await engine.readMarkedFace(photo, found.faces[0].fivePointsPx)
  await engine.close()
  if (marked.outcome !== 'read') throw new Error(marked.detail)
  const { id } = await store.db.selectFrom('media').select('id').orderBy('id').executeTakeFirstOrThrow()
  const row = faceRow(id, { ...marked.faces[0], number: 2 }, 'an examiner')
  await store.db.transaction().execute(async (tx) => {
    await tx.insertInto('face').values(row).execute()
    await tx
      .insertInto('template')
      .values(templateRow(row, marked.faces[0].template, engine))
      .execute()
    await enterInIndex(tx, [id])
  })
  return row.id
}

interface FacesJson {
  model: { pack: string }
  facesSearched: number
  groups: { person?: { ref: string }; media: { faces: { faceId: string; origin: string }[] }[] }[]
}

/** What a search found, and whom people have linked it with. */
const facesOf = ({ groups }: FacesJson) =>
  groups.flatMap(({ person, media }) =>
    media.flatMap(({ faces }) => faces.map(({ faceId, origin }) => [faceId, origin, person?.ref])),
  )

test("re-enrolment with another model pack keeps people's links and hand-marked faces, and is then searched", async () => {
  const cache = scratchFolder()
  const { folder, manifest } = await findPack()
  mkdirSync(path.join(cache, 'models'))
  symlinkSync(folder, path.join(cache, 'models', manifest.id))
  expect(cacheFolder()).not.toBe(cache)
  const packFolder = scratchFolder()
  await writePack(packFolder, OTHER_PACK, 'yunet', detectorNetwork(yunetOutputs(FACE, 32)))
  const data = path.join(scratchFolder(), 'data')
  const run = (...args: string[]) =>
    runLikeness(args, { env: { LIKENESS_CACHE: cache, LIKENESS_DATA: data } })
  expect(await run('models', 'add', packFolder)).toMatchObject({ exitCode: 0 })

  const source = scratchFolder()
  for (const name of ['audrey.jpg', 'cage.jpg', 'SeanConnery.jpg']) {
    copyFileSync(portrait(name), path.join(source, name))
  }
  const rows = 'file,person_ref\naudrey.jpg,P-1\ncage.jpg,\nSeanConnery.jpg,P-3\n'
  writeFileSync(path.join(source, 'list.csv'), rows)
  await run('collections', 'create', 'T', '--basis', 'test')
  expect((await run('import', path.join(source, 'list.csv'), '--collection', 'T')).exitCode).toBe(0)
  const store = await openStore({ dataFolder: data, operatorKey: undefined })
  const marked = await markByHand(store, portrait('audrey.jpg'))
  const links = await store.db.selectFrom('person_face').selectAll().orderBy('id').execute()
  expect(links).toHaveLength(2)
  await store.close()

  // The made-up detector sees several faces in it.
  const probe = [portrait('franck_02045.jpg'), '--face', '1']
  const search = async (): Promise<FacesJson> => {
    const { stdout, stderr } = await run('search', ...probe, '--json', '--threshold=-1')
    expect(stderr).toBe('')
    return JSON.parse(stdout) as FacesJson
  }
  const before = await search()
  expect(before).toMatchObject({ model: { pack: manifest.id }, facesSearched: 4 })
  const old = path.join(data, 'index', `${manifest.id}_${PIPELINE_VERSION}`)
  expect(existsSync(old)).toBe(true)

  const done = await run('re-enrol', '--pack', OTHER_PACK, '--json')
  expect(JSON.parse(done.stdout)).toMatchObject({ written: 4, failed: [], switched: true })
  const after = await search()
  expect(after).toMatchObject({ model: { pack: OTHER_PACK }, facesSearched: 4 })
  expect(new Set(facesOf(after).map(String))).toEqual(new Set(facesOf(before).map(String)))
  expect(facesOf(after)).toContainEqual([marked, 'examiner', undefined])
  expect(existsSync(old)).toBe(false)

  const again = await openStore({ dataFolder: data, operatorKey: undefined })
  expect(await again.db.selectFrom('person_face').selectAll().orderBy('id').execute()).toEqual(links)
  const templates = await again.db
    .selectFrom('template')
    .select('vector')
    .where('pack_id', '=', OTHER_PACK)
    .execute()
  expect(templates.map(({ vector }) => vector.byteLength)).toEqual(
    Array.from({ length: 4 }, () => TEMPLATE_LENGTH * 4),
  )
  await again.close()
  expect((await run('doctor')).stdout).toContain('no fault')
})
