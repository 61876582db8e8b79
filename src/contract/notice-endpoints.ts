import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { id, idParams, time } from './values.ts'

const tag = 'Notices'
const LONGEST_ADDRESS = 2000

const choice = z.object({
  alerts: z.boolean().describe('Each new alert'),
  summaries: z
    .boolean()
    .describe('A daily summary; to supervisors also overdue alerts and standing searches to be reviewed'),
})
const webhook = z.object({
  id,
  url: z.string(),
  addedBy: z.string(),
  addedAt: time,
  waiting: z.int().describe('Messages not taken yet'),
  givenUp: z.int(),
  lastSentAt: time.nullable(),
  lastError: z.string().nullable(),
})

/** Who is told of alerts outside the app: e-mail and webhooks. */
export const noticeEndpoints = defineEndpoints({
  showNoticeChoice: {
    method: 'GET',
    path: '/notice-choice',
    access: 'alert.read',
    tag,
    summary: 'Which notices the own account gets by e-mail',
    reply: choice,
  },
  chooseNotices: {
    method: 'PUT',
    path: '/notice-choice',
    access: 'alert.read',
    tag,
    summary: 'Choose which notices the own account gets by e-mail, where the operator configured it',
    body: choice,
    reply: choice,
  },
  listWebhooks: {
    method: 'GET',
    path: '/webhooks',
    access: 'webhook.manage',
    tag,
    summary: 'Addresses that notices of the agency are sent to, and how deliveries stand',
    reply: z.object({
      items: z.array(webhook),
      hosts: z.array(z.string()).describe('Hosts that the operator allows'),
    }),
  },
  addWebhook: {
    method: 'POST',
    path: '/webhooks',
    access: 'webhook.manage',
    tag,
    summary: 'Send notices to an address; the secret that signs them is in this answer only',
    body: z.object({ url: z.string().max(LONGEST_ADDRESS) }),
    reply: z.object({ id, url: z.string(), secret: z.string() }),
    status: 201,
  },
  removeWebhook: {
    method: 'DELETE',
    path: '/webhooks/:id',
    access: 'webhook.manage',
    tag,
    summary: 'Send nothing there any more',
    params: idParams,
  },
})
