import { AppError } from '../errors.ts'

/** What better-auth answered: cookies go to the browser as they are. */
export interface AuthAnswer<Body> {
  body: Body
  cookies: string[]
}

/**
 * Waits for better-auth's answer.
 * @throws AppError `bad_input` for a passkey that does not verify, `sign_in_refused` when it says that something is wrong with what the person gave, `too_many_requests`
 */
export async function askAuth<Body = unknown>(answer: Promise<Response>): Promise<AuthAnswer<Body>> {
  const response = await answer
  const body = (await response.json().catch(() => null)) as Body
  if (response.ok) return { body, cookies: response.headers.getSetCookie() }
  if (response.status === 429) {
    throw new AppError('too_many_requests', 'Too many wrong codes. Wait a quarter of an hour.', {
      retryAfterSeconds: 900,
    })
  }
  const code = (body as { code?: string } | null)?.code ?? ''
  // better-auth answers 500 to a passkey that does not verify, which is the sender's affair.
  if (code === 'FAILED_TO_VERIFY_REGISTRATION') {
    throw new AppError('bad_input', 'This passkey was not made for this address and moment. Make it again.')
  }
  if (response.status < 500) {
    throw new AppError(
      'sign_in_refused',
      sentences[code] ?? 'That was not right. Check what you entered and try again.',
    )
  }
  throw new AppError('internal', 'Signing in failed.')
}

const sentences: Record<string, string> = {
  INVALID_TWO_FACTOR_COOKIE: 'This sign-in took too long. Start again with your password.',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'Too many wrong codes. Start again with your password.',
  INVALID_CODE: 'This code is not right. Codes change every 30 seconds.',
  TOTP_ALREADY_ENABLED: 'Codes from an app are already set up for this account.',
  SESSION_NOT_FRESH: 'This needs a recent sign-in. Sign out and in again.',
  INVALID_PASSWORD: 'The password is not right.',
}
