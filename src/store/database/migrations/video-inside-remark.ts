/** A remark of one more kind: a video stands in the file behind the picture. SQLite changes a check by making the table anew. */
export const VIDEO_INSIDE_REMARK = `
  create table photo_remark_of_more_kinds (
    sha256 text not null,
    kind text not null check (kind in ('cut_short', 'more_pictures', 'raw_preview', 'video_inside')),
    count integer,
    primary key (sha256, kind)
  ) strict, without rowid;
  insert into photo_remark_of_more_kinds select sha256, kind, count from photo_remark;
  drop table photo_remark;
  alter table photo_remark_of_more_kinds rename to photo_remark;
`
