/** What was done is nearly everything; an index of the rest alone spares every other event a page. */
export const AUDIT_OUTCOME_INDEX = `
  drop index audit_event_outcome;
  create index audit_event_not_done on audit_event (agency_id, outcome, seq) where outcome <> 'done';
`
