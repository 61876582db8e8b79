import { submitMail, type MailSettings } from '../mail/submit-mail.ts'
import type { Message } from './spread-notices.ts'

/**
 * Sends one e-mail, in English and Ukrainian. It holds links and counts: no face, no name.
 * @throws whatever kept it from being taken
 */
export async function sendMail(
  settings: MailSettings,
  mail: { id: string; to: string; messages: readonly Message[]; publicUrl: URL },
): Promise<void> {
  await submitMail(settings, {
    to: mail.to,
    // The same when it is sent again: mail programs then show one.
    messageId: `<${mail.id}@${mail.publicUrl.hostname}>`,
    subject: subjectOf(mail.messages),
    text: textOf(mail.messages, mail.publicUrl),
  })
}

/**
 * Sends an invitation's link to who is invited, in English and Ukrainian. At once and not from a row that survives a crash:
 * the link is kept nowhere.
 * @throws whatever kept it from being taken
 */
export async function mailInvitation(
  settings: MailSettings,
  { id, to, link }: { id: string; to: string; link: string },
): Promise<void> {
  await submitMail(settings, {
    to,
    messageId: `<${id}@${new URL(link).hostname}>`,
    subject: 'Likeness: invitation / запрошення',
    text: [
      'You are invited to an account of Likeness. This link works once, within 7 days, and is for you alone:',
      'Вас запрошено до Likeness. Посилання дійсне 7 днів, спрацює один раз і призначене лише вам:',
      '',
      link,
    ].join('\n'),
  })
}

function subjectOf(messages: readonly Message[]): string {
  const alerts = messages.filter(({ kind }) => kind === 'alert').length
  const overdue = messages.filter(({ kind }) => kind === 'escalation').length
  if (overdue > 0) return `Likeness: ${overdue} overdue / прострочено: ${overdue}`
  if (alerts > 0) return `Likeness: ${alerts} new / нових: ${alerts}`
  return 'Likeness: standing searches / постійні пошуки'
}

function textOf(messages: readonly Message[], publicUrl: URL): string {
  const lines = messages.flatMap((message) => [...linesOf(message), linkOf(message, publicUrl), ''])
  return [
    ...lines,
    'This message holds no name and no picture. Sign in to see more. A likeness is a lead, never an identity.',
    'Це повідомлення не містить імен і зображень. Увійдіть, щоб побачити більше. Схожість — це зачіпка, а не встановлена особа.',
  ].join('\n')
}

function linesOf({ kind, day, counts }: Message): string[] {
  const texts: Record<Message['kind'], string[]> = {
    alert: ['A standing search has a new alert.', 'Постійний пошук має нове сповіщення.'],
    escalation: [
      'An alert is past its due time. A supervisor is asked to see to it.',
      'Строк опрацювання сповіщення минув. Керівника просять про нього подбати.',
    ],
    review: [
      'The review date of a standing search has come: is it still needed?',
      'Настала дата перегляду постійного пошуку: чи він ще потрібний?',
    ],
    summary: [
      `Alerts on ${day}: ${counts?.raised} raised the day before, ${counts?.open} open, ${counts?.overdue} overdue.`,
      `Сповіщення станом на ${day}: напередодні — ${counts?.raised}, відкритих — ${counts?.open}, прострочених — ${counts?.overdue}.`,
    ],
  }
  return texts[kind]
}

/** Where to look at it. */
export function linkOf({ alertId, standingSearchId }: Message, publicUrl: URL): string {
  if (alertId !== undefined) return new URL(`/alerts/${alertId}`, publicUrl).href
  return new URL(standingSearchId === undefined ? '/alerts' : '/standing-searches', publicUrl).href
}
