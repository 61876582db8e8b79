import type { noticeEndpoints } from '../../contract/notice-endpoints.ts'
import { chooseNotices, showNoticeChoice } from '../../notices/notice-choice.ts'
import { addWebhook, listWebhooks, removeWebhook } from '../../notices/webhooks.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'

/** Who is told of alerts outside the app. */
export function noticeRoutes(ctx: HttpContext): HandlersOf<typeof noticeEndpoints> {
  return {
    showNoticeChoice: async ({ actor }) => showNoticeChoice(ctx, actor),
    chooseNotices: async ({ actor, body }) => chooseNotices(ctx, actor, body),
    async listWebhooks({ actor }) {
      const rows = await listWebhooks(ctx, actor)
      return {
        items: rows.map(({ id, url, added_by: addedBy, added_at: addedAt, ...standing }) => {
          const { waiting, givenUp, lastSentAt, lastError } = standing
          return { id, url, addedBy, addedAt, waiting, givenUp, lastSentAt, lastError }
        }),
        hosts: [...ctx.webhookHosts],
      }
    },
    async addWebhook({ actor, body }) {
      const { id, url, secret } = await addWebhook(ctx, actor, { url: body.url, hosts: ctx.webhookHosts })
      return { id, url, secret }
    },
    removeWebhook: async ({ actor, params }) => removeWebhook(ctx, actor, params),
  }
}
