import path from 'node:path'
import { addressOf } from '../../contract/client/address-of.ts'
import { AppError } from '../../errors.ts'

/** Where checkpoints are kept outside of this machine's reach; see [Note: anchors]. */
export type Anchor =
  | { kind: 'folder'; name: string; folder: string }
  | { kind: 'mail'; name: string; address: string }
  | { kind: 'webhook' | 'instance'; name: string; url: URL }

const MAIL = 'mailto:'
const FOLDER = 'folder:'
const INSTANCE = 'instance:'

/**
 * Places from a setting, with commas between: `folder:/PATH`, `mailto:ADDRESS`, `https://HOST/PATH` for a webhook,
 * `instance:https://HOST` for another instance of Likeness.
 * @throws AppError `bad_input` naming the place
 */
export function readAnchors(setting: string | undefined): Anchor[] {
  return (setting ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [readAnchor(part.trim())]))
}

function readAnchor(name: string): Anchor {
  if (name.startsWith(FOLDER)) {
    const folder = name.slice(FOLDER.length)
    if (!path.isAbsolute(folder)) throw wrong(name, 'expected the whole path of a folder, from the root')
    return { kind: 'folder', name, folder }
  }
  if (name.startsWith(MAIL)) {
    const address = name.slice(MAIL.length)
    if (!/^[^\s@]+@[^\s@]+$/.test(address)) throw wrong(name, 'expected one address')
    return { kind: 'mail', name, address }
  }
  if (name.startsWith(INSTANCE)) {
    const base = secureUrl(name, name.slice(INSTANCE.length))
    return { kind: 'instance', name, url: new URL(addressOf('witnessCheckpoint', {}), base) }
  }
  return { kind: 'webhook', name, url: secureUrl(name, name) }
}

/** Plain HTTP only within this machine: on the way, anybody could answer that a checkpoint was taken. */
function secureUrl(name: string, text: string): URL {
  if (!URL.canParse(text))
    throw wrong(name, 'expected folder:/PATH, mailto:ADDRESS, https://… or instance:https://…')
  const url = new URL(text)
  const isLocal = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)) return url
  throw wrong(name, 'expected an address that begins with https://')
}

function wrong(name: string, why: string): AppError {
  return new AppError('bad_input', `The place '${name}' for checkpoints of the audit log is wrong: ${why}.`)
}
