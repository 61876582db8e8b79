import type { Db } from '../store/database/db.ts'

/**
 * [Note: blind verification]
 * While an account has a line-up to examine, the matter that it comes from is not there for it: no case, probe, examination,
 * identification or report, none of the case's events in the audit log, none of its people, and no other case about the same
 * probe or a face of the line-up. What compares faces or shows others (`shutToVerifiers` in the contract) is refused to it,
 * whatever it is asked about. Whoever has seen the candidate before, anywhere, does not get the line-up at all
 * (src/examination/eligible-verifiers.ts), and a line-up whose pictures come back as a probe is void
 * (src/blind-verification/unblinding.ts). The line-up has its own ids, its own pictures, made alike, and says nothing else. Why:
 * docs/decisions/blind-verification.md.
 */
export function casesKeptBlind(db: Db, accountId: string) {
  const lead = leadKeptBlind(db, accountId)
  return lead
    .select('verification.case_id')
    .union(
      db
        .selectFrom('identification')
        .select('identification.case_id')
        .where((where) =>
          where.or([
            where('identification.face_id', 'in', facesKeptBlind(db, accountId)),
            where('identification.probe_sha256', 'in', lead.select('identification.probe_sha256')),
          ]),
        ),
    )
    .union(
      db
        .selectFrom('probe')
        .select('probe.case_id')
        .where('probe.sha256', 'in', lead.select('identification.probe_sha256')),
    )
}

/** Faces of the line-ups that the account has taken: the candidate's and the fillers'. */
export function facesKeptBlind(db: Db, accountId: string) {
  return leadKeptBlind(db, accountId)
    .innerJoin('examination', 'examination.verification_id', 'verification.id')
    .innerJoin('examination_item', 'examination_item.examination_id', 'examination.id')
    .select('examination_item.face_id')
    .union(leadKeptBlind(db, accountId).select('identification.face_id'))
}

/**
 * People whom the line-ups may be about: who is identified so, whose photo is the probe, with whom a face of the line-up is
 * linked or said not to be, and those whom merges and splits tie to one of these.
 */
export function peopleKeptBlind(db: Db, accountId: string) {
  const cases = casesKeptBlind(db, accountId)
  const named = db
    .selectFrom('identification')
    .select((select) => select.ref('identification.person_id').$notNull().as('person_id'))
    .where('identification.person_id', 'is not', null)
    .where('identification.case_id', 'in', cases)
  const photographed = db
    .selectFrom('person_photo')
    .innerJoin('identification', 'identification.probe_sha256', 'person_photo.sha256')
    .select('person_photo.person_id')
    .where('identification.case_id', 'in', cases)
  const linked = db
    .selectFrom('person_face')
    .select('person_face.person_id')
    .where('person_face.face_id', 'in', facesKeptBlind(db, accountId))
  const people = named.union(photographed).union(linked)
  return people
    .union(db.selectFrom('person_change').select('from_id as person_id').where('to_id', 'in', people))
    .union(db.selectFrom('person_change').select('to_id as person_id').where('from_id', 'in', people))
}

function leadKeptBlind(db: Db, accountId: string) {
  return db
    .selectFrom('verification')
    .innerJoin('identification', 'identification.id', 'verification.identification_id')
    .where('verification.account_id', '=', accountId)
    .where('verification.state', '=', 'taken')
}
