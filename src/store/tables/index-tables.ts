import { generated, integer, nullable, table, text } from './table.ts'

/** A combination of collections that some media are in; the number is the tag of their faces in the index. */
export const COLLECTION_SET = table(
  {
    number: integer(),
    /** Ids of the collections, sorted, with commas between. */
    members: text(),
  },
  {
    primaryKey: ['number'],
    unique: [['members']],
  },
)

export const COLLECTION_SET_MEMBER = table(
  {
    collection_id: text({ references: 'collection (id)' }),
    set_number: integer({ references: 'collection_set (number)' }),
  },
  {
    primaryKey: ['collection_id', 'set_number'],
    withoutRowid: true,
  },
)

/** What the index holds of a template, see index-feed.ts. Replaced by a row with a new id whenever any of it changes. */
export const INDEX_ENTRY = table(
  {
    id: generated(integer()),
    template_seq: integer({ references: 'template (seq)' }),
    media_id: text({ references: 'media (id)' }),
    label: text(),
    set_number: integer({ references: 'collection_set (number)' }),
    /** Day of capture, counted from 1970-01-01; null when nobody knows it. */
    day: nullable(integer()),
  },
  {
    autoincrement: true,
    unique: [['template_seq']],
    indexes: {
      index_entry_label: { on: ['label', 'id'] },
      index_entry_media: { on: ['media_id'] },
      index_entry_set: { on: ['set_number'] },
      index_entry_undated: { on: ['label', 'set_number'], where: 'day is null' },
    },
  },
)

/** Entries that indexes must drop, in the order in which they went. */
export const REMOVED_ENTRY = table(
  {
    seq: generated(integer()),
    entry_id: integer(),
  },
  {
    primaryKey: ['seq'],
    autoincrement: true,
  },
)
