/**
 * The last number of an enquiry that an agency gave out in a year. Erased enquiries are in the audit log only, so the log is
 * asked too: their numbers stand in letters, and are not given out again.
 */
export const ENQUIRY_NUMBER_TABLE = `
  create table enquiry_number (
    agency_id text not null references agency (id), year text not null, last integer not null,
    primary key (agency_id, year)
  ) strict, without rowid;
  insert into enquiry_number (agency_id, year, last)
    select agency_id, substr(number, 1, 4), max(cast(substr(number, 6) as integer)) from (
      select agency_id, number from enquiry
      union all
      select agency_id, json_extract(details, '$.number') from audit_event
        where action = 'enquiry.open' and agency_id is not null
    ) where number is not null group by 1, 2;
`
