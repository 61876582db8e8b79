import { realpath } from 'node:fs/promises'
import path from 'node:path'
import type { Actor } from '../actor/actor.ts'
import type { Context } from '../context.ts'
import { findCollection } from '../collections/find-collection.ts'
import { detectSource, openSource } from '../sources/open-source.ts'
import type { StartImportInput } from './start-import.ts'

/** Refused items that a preview names; the others are counted. */
const NAMED_REFUSALS = 100

export interface ImportPreview {
  kind: string
  items: number
  refusedItems: number
  refused: { name: string; reason: string; detail: string }[]
}

/** Lists a source as an import would and changes nothing. @throws AppError `bad_input`, `not_found` */
export async function previewImport(
  ctx: Pick<Context, 'store'>,
  _actor: Actor,
  input: StartImportInput,
): Promise<ImportPreview> {
  await findCollection(ctx.store.db, input.collection)
  const kind = await detectSource(input.source)
  const preview: ImportPreview = { kind, items: 0, refusedItems: 0, refused: [] }
  for await (const { name, refusal } of openSource(kind, await realpath(path.resolve(input.source))).list()) {
    preview.items += 1
    if (refusal === undefined) continue
    preview.refusedItems += 1
    if (preview.refused.length < NAMED_REFUSALS) preview.refused.push({ name, ...refusal })
  }
  return preview
}
