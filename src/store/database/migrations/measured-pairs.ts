/**
 * How many pairs a share of strangers was measured on, so that no share is shown that is rarer than they can tell. Rows of before
 * say nothing of it, and their digests do not cover it.
 */
export const MEASURED_PAIRS = `
  alter table alert_hit add column measured_pairs integer;
  alter table comparison add column measured_pairs integer;
`
