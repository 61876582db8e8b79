import { createTransport } from 'nodemailer'

/** A mail server that has not answered by then is tried again later. */
const ANSWER_WITHIN_MS = 20_000

export interface MailSettings {
  /** smtp://USER:PASSWORD@HOST:PORT or smtps://…; with smtp:, STARTTLS is used when the server offers it. */
  smtpUrl: string
  /** Address that messages come from. */
  mailFrom: string
}

export interface Mail {
  to: string
  /** Made by the mail library unless given. */
  messageId?: string
  subject: string
  text: string
  attachments?: { filename: string; content: string }[]
}

/** Gives one e-mail to the mail server. @throws whatever kept it from being taken */
export async function submitMail({ smtpUrl, mailFrom }: MailSettings, mail: Mail): Promise<void> {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: ANSWER_WITHIN_MS,
    greetingTimeout: ANSWER_WITHIN_MS,
    socketTimeout: ANSWER_WITHIN_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({ ...mail, from: mailFrom, headers: { 'Auto-Submitted': 'auto-generated' } })
  } finally {
    transport.close()
  }
}
