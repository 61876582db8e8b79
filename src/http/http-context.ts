import type { AccessContext } from '../access/service-context.ts'
import type { SigningKey } from '../audit/signing-key.ts'
import type { WorkContext } from '../media/work-context.ts'
import type { MailSettings } from '../mail/submit-mail.ts'
import type { Supervisor } from '../background/supervisor.ts'
import type { WorkLoop } from '../concurrency/work-loop.ts'
import type { BodyBudget } from './body-budget.ts'

/** What the routes work with. */
export interface HttpContext extends WorkContext, AccessContext {
  /** Memory for files that are being sent. */
  readonly bodies: BodyBudget
  readonly signingKey: SigningKey
  readonly jobs: Pick<WorkLoop, 'wake'>
  /** How what works by itself stands. */
  readonly parts: Pick<Supervisor, 'states'>
  /** The operator's mail server; undefined: no e-mail is sent. */
  readonly mail: MailSettings | undefined
  /** Where browsers reach the service. */
  readonly publicUrl: URL
  /** Hosts that the operator lets webhooks go to. */
  readonly webhookHosts: readonly string[]
  /** Ends when the service stops: streams close. */
  readonly stopping: AbortSignal
}
