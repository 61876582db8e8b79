/**
 * Requests that carry an Idempotency-Key, and what they made. No replies are kept: what is erased later must not live on in
 * one, and a link or key that is shown once must not stand anywhere. The reply is made again from the record.
 */
export const ONCE_TABLES = `
  drop table idempotent_reply;
  create table request_once (
    account_id text not null, key text not null, request_hash text not null, request_id text not null,
    holder text not null, begun_at text not null, made text, primary key (account_id, key)
  ) strict, without rowid;
  create index request_once_begun on request_once (begun_at);
`
