import { AppError } from '../errors.ts'

/** Long rather than intricate (NIST SP 800-63B, 5.1.1.2): no rules on digits and signs, no expiry. */
export const SHORTEST_PASSWORD = 12
export const LONGEST_PASSWORD = 128

/** Words that everybody at an instance knows: with up to three letters beside them they are no password. */
const WORDS_OF_THE_PLACE = ['likeness', 'facerecognition']
const LETTERS_BESIDE = 4

/** Refuses passwords that are too short, well known, or made of the program's name or the person's own address. */
export async function checkPassword(password: string, own: { email: string; name: string }): Promise<void> {
  const { length } = password
  if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD) {
    throw new AppError(
      'bad_input',
      `Expected a password of ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters, received ${length}. A few words are easy to remember.`,
    )
  }
  const lower = password.toLowerCase()
  const [mailbox] = own.email.toLowerCase().split('@')
  const core = lower.replaceAll(/[^\p{L}]+/gu, '')
  const known = await wellKnown()
  const isKnown = [lower, core, lower.replace(/[\d\W_]+$/u, '')].some(
    (form) => form.length > 3 && known.has(form),
  )
  const repeats = new Set(lower).size < 4
  const isOwn = [mailbox, ...WORDS_OF_THE_PLACE].some(
    (word) => lower.includes(word) && word.length > 3 && core.replaceAll(word, '').length < LETTERS_BESIDE,
  )
  if (isKnown || repeats || isOwn) {
    throw new AppError('bad_input', 'This password is among those that are tried first. Choose another one.')
  }
}

let list: ReadonlySet<string> | undefined

/** Passwords of known breaches, the most common ones; comes with an npm package, nothing is asked of a network. */
async function wellKnown(): Promise<ReadonlySet<string>> {
  list ??= new Set((await import('@zxcvbn-ts/language-common')).dictionary['passwords-common'])
  return list
}
