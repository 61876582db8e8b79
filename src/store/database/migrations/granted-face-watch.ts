/**
 * Standing searches may rest on faces that were linked in a collection of another agency: they are gone through anew when
 * its grant is given or ends, and when that agency is suspended or let in again.
 */
export const GRANTED_FACE_WATCH = `
  create trigger watch_grant_given_faces after insert on collection_grant
    begin
      insert or ignore into standing_dirty select id from standing_search
        where agency_id = new.agency_id and with_faces = 1;
    end;
  create trigger watch_grant_ended_faces after delete on collection_grant
    begin
      insert or ignore into standing_dirty select id from standing_search
        where agency_id = old.agency_id and with_faces = 1;
    end;
  create trigger watch_agency_suspended_faces after insert on suspension when new.kind = 'agency'
    begin
      insert or ignore into standing_dirty select id from standing_search
        where agency_id <> new.target_id and with_faces = 1;
    end;
  create trigger watch_agency_let_in_faces after update of lifted_at on suspension
    when new.kind = 'agency' and old.lifted_at is null and new.lifted_at is not null
    begin
      insert or ignore into standing_dirty select id from standing_search
        where agency_id <> new.target_id and with_faces = 1;
    end;
`
