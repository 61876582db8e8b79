import type { WorkContext } from '../media/work-context.ts'
import type { Context } from '../context.ts'
import type { ItemReader } from '../sources/source-item.ts'
import { ArchiveThread } from '../sources/web-archive/archive-thread.ts'
import { readFromArchive } from '../sources/web-archive/web-archive-source.ts'
import { commitItems } from './commit-items.ts'
import { type CommitTarget } from './commit-target.ts'
import { leaseItems, returnLeases } from './lease.ts'
import { workItem } from './work-item.ts'
import { type WorkedItem } from './worked-item.ts'

/** Items taken in with one commit. */
const BATCH = 8

/**
 * Takes in the files of an archive that was opened, one after another, so that the engine's other workers stay free for
 * probes.
 * @returns whether all were; otherwise it was told to stop
 */
export async function workOnArchive(
  ctx: Context & Pick<WorkContext, 'exif'>,
  target: CommitTarget,
  sha256: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { store, exif } = ctx
  const engine = await ctx.engine()
  const reader = await archiveReader(ctx, target.row.id, sha256)
  const videos = { importId: target.row.id, signal }
  try {
    for (;;) {
      if (signal.aborted) return false
      const items = await leaseItems(store.db, target.row.id, { limit: BATCH, archive: sha256 })
      if (items.length === 0) return true
      try {
        const worked: WorkedItem[] = []
        for (const item of items) {
          worked.push(await workItem({ store, engine, exif, reader, videos }, item))
          if (signal.aborted) break
        }
        await commitItems(target, worked)
      } finally {
        // Of those that were committed none is held any more.
        await returnLeases(store.db, items)
      }
    }
  } finally {
    await reader.close()
  }
}

/** Reads files out of an archive that stands in the vault. */
async function archiveReader(
  { store }: Pick<Context, 'store'>,
  importId: string,
  sha256: string,
): Promise<ItemReader> {
  const { byte_length: byteLength } = await store.db
    .selectFrom('archive_file')
    .select('byte_length')
    .where('import_id', '=', importId)
    .where('sha256', '=', sha256)
    .executeTakeFirstOrThrow()
  const thread = new ArchiveThread()
  const vault = thread.offer((from, length) => store.vault.readRange(sha256, from, length))
  return {
    read: (_ordinal, _name, capture) => readFromArchive(thread, { vault, byteLength }, capture),
    close: () => thread.close(),
  }
}
