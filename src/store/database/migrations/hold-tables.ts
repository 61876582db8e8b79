/** Legal holds: while a collection has one that is not lifted, its retention date does not count. */
export const HOLD_TABLES = `
  create table legal_hold (
    id text primary key, collection_id text not null references collection (id), reason text not null,
    imposed_by text not null, imposed_at text not null, lifted_by text, lifted_at text, lift_reason text,
    digest blob not null
  ) strict;
  create index legal_hold_collection on legal_hold (collection_id, id);
`
