import { integer, nullable, table, text } from './table.ts'

/** `practice`: one click, in a record for practice only. */
export type Assurance = 'password' | 'totp' | 'passkey' | 'practice'

/** better-auth's own table: written here only when an invitation is accepted. */
export const LOGIN = table(
  {
    id: text(),
    email: text(),
    name: text(),
    emailVerified: integer(),
    createdAt: text(),
    updatedAt: text(),
    twoFactorEnabled: nullable(integer()),
    image: nullable(text()),
  },
  {
    unique: [['email']],
  },
)

export const LOGIN_SESSION = table(
  {
    id: text(),
    token: text(),
    userId: text({ references: 'login (id) on delete cascade' }),
    createdAt: text(),
    updatedAt: text(),
    expiresAt: text(),
    ipAddress: nullable(text()),
    userAgent: nullable(text()),
    assurance: text<Assurance>(),
    deviceId: nullable(text()),
  },
  {
    unique: [['token']],
    indexes: {
      login_session_user: { on: ['userId'] },
      login_session_device: { on: ['deviceId'] },
    },
  },
)

/** better-auth's own table of passwords: written here only when an invitation is accepted. */
export const LOGIN_CREDENTIAL = table(
  {
    id: text(),
    accountId: text(),
    providerId: text(),
    userId: text({ references: 'login (id) on delete cascade' }),
    password: nullable(text()),
    createdAt: text(),
    updatedAt: text(),
    accessToken: nullable(text()),
    refreshToken: nullable(text()),
    idToken: nullable(text()),
    accessTokenExpiresAt: nullable(text()),
    refreshTokenExpiresAt: nullable(text()),
    scope: nullable(text()),
  },
  {
    indexes: {
      login_credential_user: { on: ['userId'] },
    },
  },
)

export const LOGIN_TWO_FACTOR = table(
  {
    id: text(),
    userId: text({ references: 'login (id) on delete cascade' }),
    verified: nullable(integer()),
    secret: text(),
    backupCodes: text(),
    failedVerificationCount: nullable(integer()),
    lockedUntil: nullable(text()),
  },
  {
    indexes: {
      login_two_factor_user: { on: ['userId'] },
    },
  },
)

export const LOGIN_PASSKEY = table(
  {
    id: text(),
    userId: text({ references: 'login (id) on delete cascade' }),
    name: nullable(text()),
    createdAt: nullable(text()),
    publicKey: text(),
    credentialID: text(),
    counter: integer(),
    deviceType: text(),
    backedUp: integer(),
    transports: nullable(text()),
    aaguid: nullable(text()),
  },
  {
    indexes: {
      login_passkey_user: { on: ['userId'] },
      login_passkey_credential: { on: ['credentialID'] },
    },
  },
)

export const LOGIN_API_KEY = table(
  {
    id: text(),
    name: nullable(text()),
    start: nullable(text()),
    /** Hash of the key. */
    key: text(),
    /** The account. */
    referenceId: text(),
    enabled: nullable(integer()),
    lastRequest: nullable(text()),
    expiresAt: nullable(text()),
    createdAt: text(),
    metadata: nullable(text()),
    configId: text(),
    prefix: nullable(text()),
    refillInterval: nullable(integer()),
    refillAmount: nullable(integer()),
    lastRefillAt: nullable(text()),
    rateLimitEnabled: nullable(integer()),
    rateLimitTimeWindow: nullable(integer()),
    rateLimitMax: nullable(integer()),
    requestCount: nullable(integer()),
    remaining: nullable(integer()),
    updatedAt: text(),
    permissions: nullable(text()),
  },
  {
    indexes: {
      login_api_key_owner: { on: ['referenceId'] },
      login_api_key_key: { on: ['key'] },
    },
  },
)

export const LOGIN_VERIFICATION = table(
  {
    id: text(),
    identifier: text(),
    value: text(),
    expiresAt: text(),
    createdAt: text(),
    updatedAt: text(),
  },
  {
    indexes: {
      login_verification_identifier: { on: ['identifier'] },
    },
  },
)
