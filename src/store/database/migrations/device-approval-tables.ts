/** Whether an agency approves new devices, and those that asked; see [Note: device approval]. */
export const DEVICE_APPROVAL_TABLES = `
  alter table agency add column approves_devices integer;
  create table device_approval (
    id text primary key references device (id), address text not null, asked_at text not null,
    outcome text check (outcome in ('approved', 'refused')), settled_by text,
    settled_account_id text references account (id), settled_at text, digest blob not null
  ) strict;
`
