import type { FastifyError } from 'fastify'
import { AppError, type ErrorCode } from '../errors.ts'

/** An error of a request's shape, with the places that are wrong. */
export class ShapeError extends AppError {
  readonly fields: { path: string; message: string }[]

  constructor(fields: { path: string; message: string }[]) {
    const [first] = fields
    super('bad_input', `The request is not as described: ${first.path}: ${first.message}.`)
    this.fields = fields
  }
}

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: ErrorCode
  requestId: string
  fields?: { path: string; message: string }[]
}

/** Problems on our side whose sentence is made for people and tells nothing of the inside. */
const TOLD = new Set<ErrorCode>([
  'busy',
  'storage_full',
  'storage_read_only',
  'models_unavailable',
  'video_decoder_missing',
])

/** The RFC 9457 document of an error. Of what should not happen it says only that it did: the rest is in the log. */
export function problemOf(error: AppError, requestId: string): Problem {
  const { code, status } = error
  const told = status < 500 || TOLD.has(code)
  return {
    type: `urn:likeness:problem:${code}`,
    title: code.replaceAll('_', ' '),
    status,
    detail: told
      ? error.message
      : `Something went wrong here. Nothing of this request was kept. Give your administrator the number ${requestId}.`,
    code,
    requestId,
    ...(error instanceof ShapeError ? { fields: error.fields } : {}),
  }
}

/** Fastify's own errors and everything else thrown, as one of ours. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const { statusCode, code } = error as FastifyError
  const cause = { cause: error }
  if (statusCode === 413) return new AppError('limit_exceeded', 'The request is larger than allowed.', cause)
  if (statusCode === 415)
    return new AppError('not_json', 'The body is not of the type that is expected here.', cause)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const what =
      code === 'FST_ERR_CTP_INVALID_JSON_BODY' ? 'The body is not JSON.' : 'The request cannot be read.'
    return new AppError('bad_input', what, cause)
  }
  return new AppError('internal', 'Unexpected error.', cause)
}
