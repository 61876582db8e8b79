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
  'watch_set_up',
  'alert_lead',
  'alert_dismiss',
  'alert_not_this_person',
  'alert_escalate',
] as const
