import { labelOf, type TemplateKind } from '../../src/store/active-templates.ts'
import { newId, nowIso } from '../../src/store/ids.ts'
import { withDigest, type DigestedTable } from '../../src/store/tables/row-digest.ts'
import type { Store } from '../../src/store/store.ts'
import { openToFill } from '../../test/support/filling-connection.ts'

export interface MadeUpSearches {
  agencyId: string
  kind: TemplateKind
  searches: number
  photosEach: number
  threshold: number
  /** Writes the next photo's template, of unit length. */
  next: (into: Float32Array) => void
}

/** Standing searches with persons and photos, written past the actions into an unencrypted record. */
export function fillStandingSearches(store: Store, made: MadeUpSearches): void {
  const { agencyId, kind, searches, photosEach, threshold, next } = made
  const database = openToFill(store)
  const insert = (table: DigestedTable, row: Record<string, string | number | null | Buffer>): void => {
    const { digest, ...rest } = withDigest(table, row)
    const cells = { ...rest, digest: Buffer.from(digest) }
    const columns = Object.keys(cells)
    database
      .prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
      .run(Object.values(cells))
  }
  const at = nowIso()
  const template = new Float32Array(kind.templateLength)
  database.exec('begin immediate')
  for (let search = 0; search < searches; search++) {
    const personId = newId()
    insert('person', {
      id: personId,
      agency_id: agencyId,
      ref: null,
      name: null,
      created_at: at,
      created_by: 'bench',
    })
    for (let photo = 0; photo < photosEach; photo++) {
      const id = newId()
      insert('person_photo', {
        id,
        person_id: personId,
        agency_id: agencyId,
        sha256: id.replaceAll('-', '').padEnd(64, '0'),
        format: 'jpeg',
        byte_length: 1000,
        width_px: 640,
        height_px: 480,
        taken_on: null,
        note: null,
        may_publish: 0,
        face_origin: 'detector',
        box: '{}',
        five_points: '[]',
        tilt_degrees: 0,
        quality: '{}',
        unified_score: 0.8,
        added_by: 'bench',
        account_id: null,
        added_at: at,
      })
      next(template)
      insert('person_photo_template', {
        photo_id: id,
        pack_id: kind.packId,
        pipeline_version: kind.pipelineVersion,
        vector: Buffer.from(new Uint8Array(template.buffer.slice(0))),
      })
    }
    insert('standing_search', {
      id: newId(),
      agency_id: agencyId,
      person_id: personId,
      case_id: null,
      purpose: 'find_missing_person',
      legal_basis: 'bench',
      collections: null,
      comparison: 'singly',
      with_faces: 0,
      probe_faces: '[]',
      false_match_rate: 1e-4,
      threshold,
      threshold_label: labelOf(kind),
      due_hours: 24,
      ends_on: '2099-01-01',
      review_on: '2098-01-01',
      review_asked_at: null,
      state: 'running',
      state_reason: null,
      set_up_by: 'bench',
      account_id: null,
      set_up_at: at,
      changed_by: 'bench',
      changed_at: at,
    })
  }
  database.exec('commit')
  database.close()
}
