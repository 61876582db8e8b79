/**
 * Every error that people or programs may see has a code from this table.
 * `status` is the HTTP status the service answers with; `exitCode` is what the command ends with.
 */
const ERROR_TABLE = {
  bad_input: { status: 400, exitCode: 2 },
  unreadable_input: { status: 422, exitCode: 2 },
  signed_out: { status: 401, exitCode: 2 },
  sign_in_refused: { status: 401, exitCode: 2 },
  cut_off: { status: 401, exitCode: 2 },
  second_factor_missing: { status: 403, exitCode: 2 },
  device_not_approved: { status: 403, exitCode: 2 },
  not_allowed: { status: 403, exitCode: 2 },
  foreign_origin: { status: 403, exitCode: 2 },
  not_found: { status: 404, exitCode: 2 },
  method_not_allowed: { status: 405, exitCode: 2 },
  not_json: { status: 415, exitCode: 2 },
  too_many_requests: { status: 429, exitCode: 2 },
  no_face: { status: 422, exitCode: 2 },
  choose_face: { status: 409, exitCode: 2 },
  limit_exceeded: { status: 413, exitCode: 2 },
  models_unavailable: { status: 503, exitCode: 2 },
  models_refused: { status: 422, exitCode: 2 },
  video_decoder_missing: { status: 503, exitCode: 2 },
  conflict: { status: 409, exitCode: 2 },
  gate_shut: { status: 409, exitCode: 2 },
  analysis_unfinished: { status: 409, exitCode: 2 },
  examination_incomplete: { status: 409, exitCode: 2 },
  too_few_fillers: { status: 409, exitCode: 2 },
  shared_device: { status: 409, exitCode: 2 },
  not_eligible: { status: 409, exitCode: 2 },
  lineup_held: { status: 409, exitCode: 2 },
  busy: { status: 503, exitCode: 2 },
  unreachable: { status: 503, exitCode: 2 },
  wrong_key: { status: 503, exitCode: 2 },
  storage_full: { status: 507, exitCode: 2 },
  storage_read_only: { status: 503, exitCode: 2 },
  corrupt_record: { status: 500, exitCode: 2 },
  internal: { status: 500, exitCode: 2 },
} as const satisfies Record<string, { status: number; exitCode: number }>

export type ErrorCode = keyof typeof ERROR_TABLE

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_TABLE, text)
}

/** An error whose message is a sentence for people: what happened, to what, why, and what to do or what was kept. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode

  /** When trying again makes sense, for `busy` and `too_many_requests`. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    { retryAfterSeconds, ...options }: ErrorOptions & { retryAfterSeconds?: number } = {},
  ) {
    super(message, options)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }

  /** HTTP status of this error's code. */
  get status(): number {
    return ERROR_TABLE[this.code].status
  }

  /** Exit code of the `likeness` command for this error. */
  get exitCode(): number {
    return ERROR_TABLE[this.code].exitCode
  }
}

/** The message of anything thrown, for a sentence that says why. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
