/**
 * [Note: lists by index]
 * What lists of a collection are made from, kept in step by triggers, so that no writer can forget it:
 * - `source_words`: the words of each source, folded, under a number that orders them as the media came in: the member's
 *   `seq` * 2^20 + which of its sources. So one pass through the index of words gives a page, newest first.
 * - `word_index`: SQLite's FTS5 over them. `secure-delete`: words of an erased source are overwritten in the index.
 *   Prefixes of two and three letters have lists of their own. `detail=none`: words, not places. It keeps a copy of the
 *   words: over a table of ours (`content=`), SQLite 3.45 takes an index with `secure-delete` for damaged.
 * - Each row of words begins with two made-up words, for the collection and for whether the photo has faces, so that these
 *   are found by the same index.
 * - `media_in_collection.has_faces`, and `collection_count` and `import_count` instead of counting.
 * - `person_unkeyed`: persons whose names are not entered for searching yet, see src/people/name-index.ts.
 * All of it is derived: `fill-lists.ts` makes it for what was there before, the doctor checks it.
 */

/** Bits of a number of `source_words` that say which source of the member. */
export const SOURCE_BITS = 20
/** Sources of one member that are found by words; further ones are not. */
export const SOURCES_A_MEMBER = 2 ** SOURCE_BITS

/**
 * Signs that are left out or written otherwise before words are compared: apostrophes (' ’ ʼ ‘ ‛ ` ´ ′ ＇), stress marks,
 * soft hyphens, joiners; ґ as г and ё as е; letters that some systems write as two (й, ї, ў). FTS5 does capitals, and
 * accents of Latin letters. Part of the schema: what changes it is a new migration that writes all words again.
 */
export const LEFT_OUT = [
  "'",
  '’',
  'ʼ',
  '‘',
  '‛',
  '`',
  '´',
  '′',
  '＇',
  '\u0301',
  '\u0300',
  '\u00AD',
  '\u200B',
  '\u200D',
]
export const WRITTEN_AS: readonly (readonly [string, string])[] = [
  ['и\u0306', 'й'],
  ['И\u0306', 'й'],
  ['і\u0308', 'ї'],
  ['І\u0308', 'ї'],
  ['у\u0306', 'ў'],
  ['У\u0306', 'ў'],
  ['е\u0308', 'е'],
  ['Е\u0308', 'е'],
  ['ё', 'е'],
  ['Ё', 'е'],
  ['ґ', 'г'],
  ['Ґ', 'г'],
]

/** SQL of what a row of `source` says. @param row its name in the statement */
export function saidBy(row: string): string {
  return `concat_ws(char(10), ${row}.name, ${row}.source_url, ${row}.collector, ${row}.note)`
}

/** SQL of the made-up words of a row of `media_in_collection`. @param member its name in the statement */
export function scopeOf(member: string): string {
  const collection = `'c' || replace(${member}.collection_id, '-', '')`
  return `${collection} || ' ' || ${collection} || 'f' || ${member}.has_faces`
}

/** SQL that enters rows of `source` in the words. @param rows what to select them from, as `source` */
export function enterWords(rows: string): string {
  return `
    insert into source_words (seq, source_id, scope, said)
    select coalesce(last + 1, first) + place, id, scope, said from (
      select source.id, member.seq * ${SOURCES_A_MEMBER} as first,
        row_number() over (partition by member.seq order by source.id) - 1 as place,
        (select max(seq) from source_words where seq >= member.seq * ${SOURCES_A_MEMBER}
          and seq < (member.seq + 1) * ${SOURCES_A_MEMBER}) as last,
        ${scopeOf('member')} as scope, ${saidBy('source')} as said
      from ${rows} join media_in_collection as member
        on member.media_id = source.media_id and member.collection_id = source.collection_id
    ) where coalesce(last + 1, first) + place < first + ${SOURCES_A_MEMBER}`
}

/** SQL of a text with a few of the changes made; SQLite's parser does not nest all of them. */
function folded(column: string, from: number, to: number): string {
  const changes = [...LEFT_OUT.map((sign) => [sign, ''] as const), ...WRITTEN_AS].slice(from, to)
  return changes.reduce(
    (text, [sign, other]) => `replace(${text}, ${quoted(sign)}, ${quoted(other)})`,
    column,
  )
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

const NEW_SOURCE = `(select new.id as id, new.media_id as media_id, new.collection_id as collection_id,
  new.name as name, new.source_url as source_url, new.collector as collector, new.note as note) as source`

export const LIST_TABLES = `
  create table source_words (
    seq integer primary key, source_id text not null unique, scope text not null, said text not null,
    fold_1 text generated always as (${folded('said', 0, 10)}) virtual,
    fold_2 text generated always as (${folded('fold_1', 10, 20)}) virtual,
    words text generated always as (scope || char(10) || ${folded('fold_2', 20, 30)}) virtual
  ) strict;
  create virtual table word_index using fts5(
    words, tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3', detail = 'none', columnsize = 0
  );
  insert into word_index (word_index, rank) values ('secure-delete', 1);
  create trigger source_words_added after insert on source_words
    begin insert into word_index (rowid, words) values (new.seq, new.words); end;
  create trigger source_words_removed after delete on source_words
    begin delete from word_index where rowid = old.seq; end;
  create trigger source_words_changed after update on source_words
    begin update word_index set words = new.words where rowid = new.seq; end;

  create trigger source_added after insert on source
    begin ${enterWords(NEW_SOURCE)}; end;
  create trigger source_removed after delete on source
    begin delete from source_words where source_id = old.id; end;
  create trigger source_changed after update on source
    begin
      update source_words set said = ${saidBy('new')} where source_id = new.id;
    end;

  alter table media_in_collection add column has_faces integer not null default 0;
  create index media_in_collection_newest on media_in_collection (collection_id);
  create index media_in_collection_faces on media_in_collection (collection_id, has_faces);
  create index media_in_collection_added on media_in_collection (collection_id, added_at);
  create table collection_count (
    collection_id text primary key, media integer not null, faces integer not null
  ) strict, without rowid;
  insert into collection_count
    select collection.id,
      (select count(*) from media_in_collection as member where member.collection_id = collection.id),
      (select count(*) from media_in_collection as member join face on face.media_id = member.media_id
        where member.collection_id = collection.id)
    from collection;

  create trigger collection_added after insert on collection
    begin insert into collection_count values (new.id, 0, 0); end;
  create trigger collection_removed after delete on collection
    begin delete from collection_count where collection_id = old.id; end;
  create trigger member_added after insert on media_in_collection
    begin
      update media_in_collection set has_faces = 1
        where seq = new.seq and exists (select 1 from face where media_id = new.media_id);
      update collection_count set media = media + 1,
        faces = faces + (select count(*) from face where media_id = new.media_id)
        where collection_id = new.collection_id;
    end;
  create trigger member_removed after delete on media_in_collection
    begin
      update collection_count set media = media - 1,
        faces = faces - (select count(*) from face where media_id = old.media_id)
        where collection_id = old.collection_id;
    end;
  create trigger member_changed after update of has_faces on media_in_collection when new.has_faces <> old.has_faces
    begin
      update source_words set scope = ${scopeOf('new')}
        where seq >= new.seq * ${SOURCES_A_MEMBER} and seq < (new.seq + 1) * ${SOURCES_A_MEMBER};
    end;
  create trigger face_added after insert on face
    begin
      update media_in_collection set has_faces = 1 where media_id = new.media_id and has_faces = 0;
      update collection_count set faces = faces + 1 where collection_id in
        (select collection_id from media_in_collection where media_id = new.media_id);
    end;
  create trigger face_removed after delete on face
    begin
      update media_in_collection set has_faces = 0
        where media_id = old.media_id and not exists (select 1 from face where media_id = old.media_id);
      update collection_count set faces = faces - 1 where collection_id in
        (select collection_id from media_in_collection where media_id = old.media_id);
    end;

  create table import_count (
    import_id text not null, state text not null, items integer not null, primary key (import_id, state)
  ) strict, without rowid;
  insert into import_count select import_id, state, count(*) from import_item group by import_id, state;
  create trigger item_added after insert on import_item
    begin
      insert into import_count values (new.import_id, new.state, 1)
        on conflict do update set items = items + 1;
    end;
  create trigger item_changed after update of state on import_item when new.state <> old.state
    begin
      update import_count set items = items - 1 where import_id = old.import_id and state = old.state;
      insert into import_count values (new.import_id, new.state, 1)
        on conflict do update set items = items + 1;
    end;
  create trigger item_removed after delete on import_item
    begin update import_count set items = items - 1 where import_id = old.import_id and state = old.state; end;
  create index import_item_differing on import_item (import_id, ordinal) where reason = 'digest_differs';
  create index import_collection on import (collection_id, id);

  create table person_unkeyed (
    agency_id text not null, person_id text not null, primary key (agency_id, person_id)
  ) strict, without rowid;
  create trigger person_added after insert on person
    begin insert into person_unkeyed values (new.agency_id, new.id); end;
  create trigger person_removed after delete on person
    begin delete from person_unkeyed where agency_id = old.agency_id and person_id = old.id; end;

  create index audit_event_action on audit_event (agency_id, action, seq, at);
  create index audit_event_outcome on audit_event (agency_id, outcome, seq);
  create index identification_search on identification (search_id);

  create table list_fill (
    id integer primary key check (id = 1), reached integer not null, goal integer not null
  ) strict;
  insert into list_fill select 1, 0, coalesce(max(seq), 0) from media_in_collection;
`
