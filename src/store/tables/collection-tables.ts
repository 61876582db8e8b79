import { HOLD } from './common-columns.ts'
import { type Row, blob, integer, nullable, table, text } from './table.ts'

/** How carefully a collection's pictures are shown: `sensitive` are blurred until asked for, `restricted` also need a grant by name. */
export type Sensitivity = 'ordinary' | 'sensitive' | 'restricted'

export const AGENCY = table(
  {
    id: text(),
    name: text({ collate: 'nocase' }),
    created_at: text(),
    /** 1: devices that an account has not used before wait for approval; null: they do not. */
    approves_devices: nullable(integer({ addedLater: true })),
    digest: blob(),
  },
  {
    unique: [['name']],
    bound: true,
  },
)
export type AgencyTable = Row<typeof AGENCY>

export const COLLECTION = table(
  {
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    title: text({ collate: 'nocase' }),
    lawful_basis: text(),
    sensitivity: text<Sensitivity>({ oneOf: ['ordinary', 'sensitive', 'restricted'] }),
    /** Date (YYYY-MM-DD) after which everything in it must be erased. */
    retention_until: nullable(text()),
    created_at: text(),
    created_by: text(),
    digest: blob(),
  },
  {
    unique: [['agency_id', 'title']],
    bound: true,
  },
)
export type CollectionTable = Row<typeof COLLECTION>

export const COLLECTION_GRANT = table(
  {
    id: text(),
    collection_id: text({ references: 'collection (id)' }),
    agency_id: text({ references: 'agency (id)' }),
    granted_by: text(),
    granted_at: text(),
    digest: blob(),
  },
  {
    unique: [['collection_id', 'agency_id']],
    bound: true,
  },
)
export type CollectionGrantTable = Row<typeof COLLECTION_GRANT>

/** While a collection has one that is not lifted, nothing of it is erased because of its date. */
export const LEGAL_HOLD = table(
  {
    id: text(),
    collection_id: text({ references: 'collection (id)' }),
    ...HOLD,
    digest: blob(),
  },
  {
    indexes: {
      legal_hold_collection: { on: ['collection_id', 'id'] },
    },
    bound: true,
  },
)
export type LegalHoldTable = Row<typeof LEGAL_HOLD>

/** Derived: what a collection holds. */
export const COLLECTION_COUNT = table(
  {
    collection_id: text(),
    media: integer(),
    faces: integer(),
    /** Of the originals. */
    bytes: integer({ defaultTo: '0' }),
  },
  {
    primaryKey: ['collection_id'],
    withoutRowid: true,
  },
)
