/** Codes from apps that have let somebody in, for as long as they would again; see src/access/used-codes.ts. */
export const USED_CODE_TABLE = `
  create table used_code (
    account_id text not null, code text not null, used_at text not null, primary key (account_id, code)
  ) strict, without rowid;
`
