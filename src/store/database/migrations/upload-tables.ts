/** Large files that are sent in parts, whatever they hold; before, only videos were. Items are found by their names. */
export const UPLOAD_TABLES = `
  alter table video_upload rename to upload;
  alter table video_upload_part rename to upload_part;
  drop index video_upload_part_sha256;
  create index upload_part_sha256 on upload_part (sha256);
  alter table upload add column is_video integer;
  update upload set is_video = 1 where finished_at is not null;
  alter table upload add column archive_sha256 text;
  create index import_item_name on import_item (import_id, name);
`
