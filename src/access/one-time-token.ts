import { hash, randomBytes } from 'node:crypto'

const TOKEN_BYTES = 32

/** A token for a link that works once; only its hash is kept. */
export function newToken(): { token: string; tokenHash: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return { token, tokenHash: tokenHash(token) }
}

/**
 * What is kept of a token and looked up. Looking up the hash of a 256-bit random token tells by its time nothing of use:
 * whoever could choose the hash's beginning would already know the token.
 */
export function tokenHash(token: string): string {
  return hash('sha256', token)
}
