/** Bytes of the originals of each collection, kept in step by triggers like the numbers beside them; see [Note: lists by index]. */
export const COLLECTION_BYTES = `
  alter table collection_count add column bytes integer not null default 0;
  update collection_count set bytes = coalesce((
    select sum(media.byte_length) from media_in_collection as member join media on media.id = member.media_id
    where member.collection_id = collection_count.collection_id), 0);
  drop trigger collection_added;
  create trigger collection_added after insert on collection
    begin insert into collection_count (collection_id, media, faces, bytes) values (new.id, 0, 0, 0); end;
  create trigger member_bytes_added after insert on media_in_collection
    begin
      update collection_count set bytes = bytes + (select byte_length from media where id = new.media_id)
        where collection_id = new.collection_id;
    end;
  create trigger member_bytes_removed after delete on media_in_collection
    begin
      update collection_count set bytes = bytes - (select byte_length from media where id = old.media_id)
        where collection_id = old.collection_id;
    end;
`
