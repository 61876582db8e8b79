import type { z } from 'zod'
import type { Endpoint, Endpoints } from '../../src/contract/endpoint.ts'
import { endpoints } from '../../src/contract/endpoints.ts'

/** A place in a request where an id of something stands. */
export interface IdField {
  endpoint: string
  part: 'params' | 'query' | 'body'
  /** Names of members; of a list its elements. */
  path: string
}

/** Every id that a request of the contract can carry: in its path, its query, and anywhere in its body. */
export function idFieldsOf(contract: Endpoints): IdField[] {
  return Object.entries(contract).flatMap(([endpoint, shapes]) =>
    (['params', 'query', 'body'] as const).flatMap((part) => {
      const shape = shapes[part]
      if (shape === undefined) return []
      return [...new Set(idsIn(shape, ''))].map((path) => ({ endpoint, part, path }))
    }),
  )
}

/** Texts that are ids by their name, though their shape does not say so. */
const NAMED_AS_ID = /(Id|Ids|collections)$/

interface Definition {
  type: string
  shape?: Record<string, z.ZodType>
  element?: z.ZodType
  innerType?: z.ZodType
  valueType?: z.ZodType
  in?: z.ZodType
  options?: z.ZodType[]
  format?: string
}

function idsIn(shape: z.ZodType, path: string): string[] {
  const { type, ...inner } = shape.def as unknown as Definition
  if (type === 'object') {
    return Object.entries(inner.shape!).flatMap(([name, value]) =>
      idsIn(value, path === '' ? name : `${path}.${name}`),
    )
  }
  if (type === 'string') {
    const isId = inner.format === 'uuid' || inner.format === 'guid' || NAMED_AS_ID.test(path)
    return isId ? [path] : []
  }
  const within = [inner.element, inner.innerType, inner.valueType, inner.in, ...(inner.options ?? [])]
  return within.flatMap((one) => (one === undefined ? [] : idsIn(one, path)))
}

/** What the first id of a path stands for, by what the path begins with. */
const KIND_OF_PATH: Record<string, string> = {
  sessions: 'session',
  passkeys: 'passkey',
  'api-keys': 'apiKey',
  accounts: 'account',
  invitations: 'invitation',
  'role-requests': 'roleRequest',
  suspensions: 'suspension',
  devices: 'device',
  cases: 'case',
  'case-holds': 'caseHold',
  collections: 'collection',
  holds: 'hold',
  imports: 'import',
  uploads: 'upload',
  jobs: 'job',
  probes: 'probe',
  searches: 'search',
  reviews: 'review',
  people: 'person',
  'person-changes': 'personChange',
  enquiries: 'enquiry',
  identifications: 'identification',
  verifications: 'verification',
  examinations: 'examination',
  lineups: 'lineup',
  reports: 'report',
  transmittals: 'transmittal',
  'standing-searches': 'standingSearch',
  alerts: 'alert',
  webhooks: 'webhook',
}

/** What every other id stands for, by its name. */
const KIND_OF_NAME: Record<string, string> = {
  accountId: 'account',
  targetId: 'account',
  leadId: 'account',
  who: 'account',
  agencyId: 'agency',
  caseId: 'case',
  collections: 'collection',
  mediaId: 'media',
  media: 'media',
  source: 'source',
  faceId: 'face',
  faceA: 'faceA',
  faceB: 'faceB',
  probeFaceId: 'probeFace',
  probeFaces: 'probeFace',
  noteId: 'note',
  personId: 'person',
  otherId: 'otherPerson',
  photoId: 'photo',
  contactId: 'contact',
  searchId: 'search',
  identificationId: 'identification',
  entryId: 'entry',
  itemId: 'item',
  reportId: 'report',
  hitId: 'hit',
}
/** `faces` is what the operation makes of it. */
const FACES: Record<string, string> = { searchInCase: 'probeFace', splitPerson: 'face' }

/** What kind of thing an id stands for; undefined where nobody has said so yet. */
export function kindOf({ endpoint, part, path: field }: IdField): string | undefined {
  if (part === 'params' && field === 'id')
    return KIND_OF_PATH[(endpoints as Record<string, Endpoint>)[endpoint].path.split('/')[1]]
  return field === 'faces' ? FACES[endpoint] : KIND_OF_NAME[field]
}
