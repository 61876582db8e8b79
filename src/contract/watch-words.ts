export const STANDING_STATES = ['running', 'paused', 'ended'] as const
export type StandingState = (typeof STANDING_STATES)[number]

/** How several photos of the person are compared. */
export const COMPARISONS = ['singly', 'fused'] as const
export type Comparison = (typeof COMPARISONS)[number]

export const ALERT_STATES = ['new', 'seen', 'being_examined', 'dismissed', 'led_to_lead'] as const
export type AlertState = (typeof ALERT_STATES)[number]

/** States in which somebody still has to do something. */
export const OPEN_ALERT_STATES: readonly AlertState[] = ['new', 'seen', 'being_examined']

/** Why an alert was closed: by a person, or because what it rests on went. */
export const CLOSED_AS = ['dismissed', 'not_this_person', 'lead', 'erased'] as const
export type ClosedAs = (typeof CLOSED_AS)[number]

export const NOTICE_KINDS = ['alert', 'escalation', 'review', 'summary'] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** Why a threshold is proposed as it is. */
export const THRESHOLD_REASONS = ['adult', 'child'] as const
export type ThresholdReason = (typeof THRESHOLD_REASONS)[number]
