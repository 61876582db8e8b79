/**
 * What people must know of how a file was read: cut short, more pictures in it, a raw's preview. Made again from the bytes, so
 * it has no digest; by the bytes' name, as photos, probes and photos of persons have them in common.
 */
export const REMARK_TABLES = `
  create table photo_remark (
    sha256 text not null,
    kind text not null check (kind in ('cut_short', 'more_pictures', 'raw_preview')),
    count integer,
    primary key (sha256, kind)
  ) strict, without rowid;
`
