import type { RefusalReason } from '../refusal.ts'
import type { Claims } from '../claims.ts'
export interface SurveyedItem {
  name: string
  claims: Claims | undefined
  refusal: { reason: RefusalReason; detail: string } | undefined
}
