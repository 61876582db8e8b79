import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { submitMail, type MailSettings } from '../../mail/submit-mail.ts'
import { syncFolderNow } from '../../store/vault/durable-files.ts'
import type { Anchor } from './anchor-list.ts'
import type { AnchorMessage } from '../../contract/anchor-message.ts'

/** A place that has not answered by then is tried again later. */
const ANSWER_WITHIN_MS = 20_000
/** Digits of an event's number in a file's name, so that names sort as numbers do. */
const NAME_DIGITS = 12
const HASH_DIGITS = 16

export interface Sending {
  mail: MailSettings | undefined
  /** API key for `instance:` places. */
  instanceKey: string | undefined
  signal: AbortSignal
}

/** Gives one place a checkpoint. @throws whatever kept it from being taken, or what the place found wrong with it */
export async function sendAnchor(anchor: Anchor, message: AnchorMessage, sending: Sending): Promise<void> {
  switch (anchor.kind) {
    case 'folder':
      return keepInFolder(anchor.folder, message)
    case 'mail':
      return sendByMail(anchor.address, message, sending)
    case 'webhook':
    case 'instance':
      return post(anchor.kind, anchor.url, message, sending)
  }
}

/** One file a checkpoint, never written twice: a folder that only takes new files (`chattr +a`, write-once storage) does. */
function keepInFolder(folder: string, message: AnchorMessage): void {
  const { seq, chain_hash } = message.checkpoint
  const name = `${String(seq).padStart(NAME_DIGITS, '0')}-${chain_hash.slice(0, HASH_DIGITS)}.json`
  const file = path.join(folder, name)
  const line = `${JSON.stringify(message)}\n`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let descriptor: number
  try {
    descriptor = openSync(file, 'wx', 0o444)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (readFileSync(file, 'utf8') === line) return
    throw new Error(`${file} is there already and holds something else`, { cause: error })
  }
  try {
    writeSync(descriptor, line)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  syncFolderNow(folder)
}

async function sendByMail(to: string, message: AnchorMessage, { mail }: Sending): Promise<void> {
  if (mail === undefined) throw new Error('no mail server is named (LIKENESS_SMTP_URL)')
  const { seq, chain_hash, at } = message.checkpoint
  await submitMail(mail, {
    to,
    subject: `Likeness: audit log signed up to event ${seq} / журнал підписано до події ${seq}`,
    text: [
      `On ${at} the audit log of ${message.instance} had ${seq} events, and its chain stood at ${chain_hash}.`,
      'Keep this message. With the attached file, `likeness audit verify --checkpoints` shows whether the log was changed since.',
      '',
      `${at} журнал дій ${message.instance} мав ${seq} подій, а його ланцюг закінчувався на ${chain_hash}.`,
      'Збережіть цей лист. За доданим файлом команда `likeness audit verify --checkpoints` покаже, чи змінювали журнал відтоді.',
    ].join('\n'),
    attachments: [{ filename: `checkpoint-${seq}.jsonl`, content: `${JSON.stringify(message)}\n` }],
  })
}

const replySchema = z.object({ fault: z.string().nullable() })

async function post(
  kind: 'webhook' | 'instance',
  url: URL,
  message: AnchorMessage,
  { instanceKey, signal }: Sending,
): Promise<void> {
  if (kind === 'instance' && instanceKey === undefined)
    throw new Error('no API key of the other instance is given (LIKENESS_ANCHOR_KEY)')
  const authorization = kind === 'instance' ? { authorization: `Bearer ${instanceKey}` } : {}
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    headers: { 'content-type': 'application/json', 'user-agent': 'likeness', ...authorization },
    body: JSON.stringify(message),
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
  })
  if (!response.ok || kind === 'webhook') {
    await response.body?.cancel()
    if (response.ok) return
    throw new Error(`the place answered ${response.status}`)
  }
  const { fault } = replySchema.parse(await response.json())
  if (fault !== null) throw new Error(fault)
}
