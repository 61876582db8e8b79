/**
 * While an agency is suspended its collections are matched for nobody else; see [Note: collections of a suspended agency].
 * With the lifting, what came meanwhile is gone through: as for a grant that is given, see [Note: watching].
 */
export const SUSPENDED_AGENCY_WATCH = `
  create trigger watch_agency_suspended after insert on suspension when new.kind = 'agency'
    begin update watch_state set version = version + 1; end;
  create trigger watch_agency_let_in after update of lifted_at on suspension
    when new.kind = 'agency' and old.lifted_at is null and new.lifted_at is not null
    begin
      update standing_face set held_at = null where search_id in
        (select standing_search.id from standing_search
          join collection_grant on collection_grant.agency_id = standing_search.agency_id
          join collection on collection.id = collection_grant.collection_id
          where collection.agency_id = new.target_id and standing_search.state = 'running');
      update watch_state set version = version + 1;
    end;
`
