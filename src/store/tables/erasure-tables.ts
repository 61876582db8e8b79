import { type Row, blob, integer, table, text } from './table.ts'

/** Originals whose rows are gone and whose bytes are about to be; what a killed erasure goes on with. */
export const PENDING_ERASURE = table(
  {
    sha256: text(),
    tombstone_id: text(),
  },
  {
    primaryKey: ['sha256'],
    withoutRowid: true,
  },
)

export const TOMBSTONE = table(
  {
    id: text(),
    kind: text<'media' | 'person' | 'source' | 'before' | 'retention'>(),
    reason: text(),
    erased_by: text(),
    erased_at: text(),
    media_count: integer(),
    face_count: integer(),
    digest: blob(),
  },
  {},
)
export type TombstoneTable = Row<typeof TOMBSTONE>

/** A case whose material was erased because its date passed; see [Note: emptied cases]. */
export const EMPTIED_CASE = table(
  {
    case_id: text({ references: 'case_file (id)' }),
    tombstone_id: text({ references: 'tombstone (id)' }),
    emptied_at: text(),
  },
  {
    primaryKey: ['case_id'],
    withoutRowid: true,
  },
)

/** A probe whose photo and templates are gone. */
export const ERASED_PROBE = table(
  {
    probe_id: text({ references: 'probe (id)' }),
    tombstone_id: text({ references: 'tombstone (id)' }),
  },
  {
    primaryKey: ['probe_id'],
    withoutRowid: true,
  },
)
