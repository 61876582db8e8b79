import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { Db } from './database/db.ts'

const KEY = 'active_templates'

/** What templates can be compared with each other: those of one model pack, made by one version of the pipeline. */
export interface TemplateKind {
  packId: string
  pipelineVersion: string
  /** Numbers in a template. */
  templateLength: number
}

const kindSchema = z.strictObject({
  packId: z.string(),
  pipelineVersion: z.string(),
  templateLength: z.int().positive(),
})

/** Name of a kind of templates, for indexes and settings. */
export function labelOf({ packId, pipelineVersion }: Omit<TemplateKind, 'templateLength'>): string {
  return `${packId}/${pipelineVersion}`
}

/** The templates that are searched; undefined before the first import. */
export async function activeTemplates(db: Db): Promise<TemplateKind | undefined> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst()
  return row === undefined ? undefined : kindSchema.parse(JSON.parse(row.value))
}

/** Makes these templates the ones that are searched. */
export async function setActiveTemplates(
  db: Db,
  { packId, pipelineVersion, templateLength }: TemplateKind,
): Promise<void> {
  const value = JSON.stringify({ packId, pipelineVersion, templateLength })
  await db
    .insertInto('setting')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

/** Takes note of the first kind of templates, and refuses to mix kinds afterwards. @throws AppError `conflict` */
export async function claimTemplates(db: Db, kind: TemplateKind): Promise<void> {
  const active = await activeTemplates(db)
  if (active === undefined) await setActiveTemplates(db, kind)
  else if (labelOf(active) !== labelOf(kind)) throw otherTemplates(active, kind)
}

/** The error for templates that cannot be compared with the record's. */
export function otherTemplates(active: TemplateKind, kind: Omit<TemplateKind, 'templateLength'>): AppError {
  const words = ({ packId, pipelineVersion }: Omit<TemplateKind, 'templateLength'>): string =>
    `${packId}, pipeline ${pipelineVersion}`
  return new AppError(
    'conflict',
    `This record's templates are of the pack ${words(active)}; the engine runs ${words(kind)}. Nothing was changed. Run \`likeness re-enrol --pack ${kind.packId}\` first.`,
  )
}
