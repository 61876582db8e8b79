/** Acts that statistics count besides searches, as texts name them: the audit log's names with `_` for `.`. */
export const ACTS = [
  'access_refuse',
  'face_reveal',
  'media_reveal',
  'media_erase',
  'retention_erase',
  'hold_impose',
  'hold_lift',
  'suspension_impose',
  'review_find',
  'audit_export',
  'people_import',
  'people_export',
  'poster_make',
  'enquiry_open',
  'enquiry_answer',
] as const
