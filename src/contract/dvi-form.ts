import { z } from 'zod'

/**
 * Sections of INTERPOL's disaster victim identification forms, in the forms' order: ante-mortem (yellow) and post-mortem
 * (pink) go through the same sections, so that they can be laid side by side. The forms' numbering of single boxes
 * changes between editions; entries here carry a name and no number.
 */
export const DVI_SECTIONS = [
  'personal_data',
  'recovery',
  'effects',
  'physical_description',
  'medical',
  'dental',
  'dna',
  'fingerprints',
  'further',
] as const

export type DviSection = (typeof DVI_SECTIONS)[number]

/** What may be written down in each section, in the forms' order. `ante`, `post`: only on that form. */
export const DVI_FIELDS: Record<DviSection, readonly { name: string; only?: 'ante' | 'post' }[]> = {
  personal_data: [
    { name: 'sex' },
    { name: 'age', only: 'post' },
    { name: 'place_of_birth', only: 'ante' },
    { name: 'nationality', only: 'ante' },
    { name: 'identity_documents' },
    { name: 'home_address', only: 'ante' },
    { name: 'occupation', only: 'ante' },
    { name: 'marital_status', only: 'ante' },
    { name: 'last_seen', only: 'ante' },
    { name: 'last_contact', only: 'ante' },
  ],
  recovery: [
    { name: 'body_number', only: 'post' },
    { name: 'place_found', only: 'post' },
    { name: 'found_at', only: 'post' },
    { name: 'recovered_by', only: 'post' },
    { name: 'state_of_body', only: 'post' },
    { name: 'circumstances' },
  ],
  effects: [
    { name: 'clothing' },
    { name: 'footwear' },
    { name: 'jewellery' },
    { name: 'watch' },
    { name: 'glasses' },
    { name: 'personal_effects' },
    { name: 'military_tag' },
    { name: 'telephone' },
  ],
  physical_description: [
    { name: 'height_cm' },
    { name: 'weight_kg' },
    { name: 'build' },
    { name: 'hair' },
    { name: 'facial_hair' },
    { name: 'eyes' },
    { name: 'skin_marks' },
    { name: 'scars' },
    { name: 'tattoos' },
    { name: 'piercings' },
    { name: 'amputations' },
    { name: 'other_features' },
  ],
  medical: [
    { name: 'operations' },
    { name: 'implants' },
    { name: 'fractures' },
    { name: 'diseases' },
    { name: 'medicines', only: 'ante' },
    { name: 'blood_group' },
    { name: 'physician', only: 'ante' },
    { name: 'cause_of_death', only: 'post' },
    { name: 'internal_examination', only: 'post' },
  ],
  dental: [
    { name: 'dentist', only: 'ante' },
    { name: 'dental_records' },
    { name: 'dental_chart_fdi' },
    { name: 'crowns_bridges_dentures' },
    { name: 'other_dental_findings' },
  ],
  dna: [{ name: 'sample_reference' }, { name: 'sample_kind' }, { name: 'laboratory' }],
  fingerprints: [{ name: 'print_reference' }, { name: 'prints_taken_by' }],
  further: [{ name: 'photos_and_records' }, { name: 'remarks' }],
}

/** What one field of a form says. */
export interface DviEntry {
  section: DviSection
  field: string
  value: string
}

const LONGEST_VALUE = 2000
const MAX_ENTRIES = 120

/** Entries of one form, each field once, sorted in the form's order. */
export function dviForm(form: 'ante' | 'post') {
  const order = new Map<string, number>()
  for (const section of DVI_SECTIONS) {
    for (const { name, only } of DVI_FIELDS[section]) {
      if (only === undefined || only === form) order.set(`${section}.${name}`, order.size)
    }
  }
  const place = ({ section, field }: DviEntry): number => order.get(`${section}.${field}`) ?? -1
  return z
    .array(
      z.object({
        section: z.enum(DVI_SECTIONS),
        field: z.string().min(1).max(60).describe('A name of DVI_FIELDS'),
        value: z.string().trim().min(1).max(LONGEST_VALUE),
      }),
    )
    .max(MAX_ENTRIES)
    .refine((entries) => entries.every((entry) => place(entry) >= 0), {
      message: `names a field that the ${form}-mortem form does not have in that section`,
    })
    .refine((entries) => new Set(entries.map(place)).size === entries.length, {
      message: 'names a field twice',
    })
    .transform((entries) => entries.toSorted((a, b) => place(a) - place(b)))
}
