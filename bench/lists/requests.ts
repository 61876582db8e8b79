import type { Endpoint } from '../../src/contract/endpoint.ts'
import { addressOf } from '../../src/contract/client/address-of.ts'
import { endpoints, type EndpointName } from '../../src/contract/endpoints.ts'
import { PERMISSIONS, type Role } from '../../src/contract/roles.ts'
import type { Made } from './prepare.ts'

/** One request as it is measured. */
export interface BenchRequest {
  /** Operation, and what of it is asked for. */
  name: string
  role: Role
  method: string
  /** With the prefix and the query. */
  path: string
  body: object | undefined
}

/** Reading operations that are not asked, and why. A new one must stand here or be askable. */
const LEFT_OUT: Record<string, string> = {
  streamEvents: 'a stream without an end; what it reads is countAlerts',
  exportAudit: 'a stream of pages of 500 events',
  exportPeople: 'a stream of pages',
  showExamination: 'one row by its id',
  showLineup: 'one row by its id',
  listEligibleVerifiers: 'accounts of an agency, for one verification',
  readReportJson: 'one row by its id',
  exportEvidence: 'a file made of one identification',
  showCandidateTrack: 'one track of a video; none is made up',
  replayMediaPage: 'one page of a web archive; none is made up',
  replayCandidatePage: 'one page of a web archive; none is made up',
}

/** What lists are asked for beside their first page. */
const QUERIES: Record<string, readonly string[]> = {
  browseCollection: [
    'faces=with',
    'faces=without',
    'words=hostomel',
    'words=jpg',
    'words=обєкт 777',
    'words=nowhere',
    'words=jpg&faces=without',
    'since=2024-06-01&until=2024-06-30',
    'words=jpg&since=2024-06-01&until=2024-06-30',
    'cursor=1000',
    'limit=200',
  ],
  listCases: ['status=closed', 'limit=200'],
  listImportItems: ['state=unreadable', 'state=done&limit=1000', 'after=900000'],
  listPeople: ['status=found', 'name=Шевченко', 'name=Olena Shevchenko', 'name=Ткаченковано'],
  listEnquiries: ['state=open'],
  listAlerts: ['state=open', 'whose=mine', 'overdue=yes', 'state=led_to_lead'],
  listStandingSearches: ['state=ended'],
  listLeads: ['scope=all', 'state=withdrawn&scope=all'],
  listReviews: ['state=open', 'state=done'],
  readAudit: ['action=media.', 'action=agency.', 'outcome=failed', 'since=2999-01-01T00:00:00Z', 'limit=200'],
  listVerifications: ['state=waiting'],
  readStatistics: ['since=2022-01-01T00:00:00Z&until=2999-01-01T00:00:00Z'],
  readMethodErrors: ['since=2022-01-01T00:00:00Z&until=2999-01-01T00:00:00Z'],
}
/** Queries that an operation cannot be asked without. */
const ALWAYS = new Set(['readStatistics', 'readMethodErrors'])

/** Bodies of operations that read much although they are not GET. */
function readingPosts(made: Made): Partial<Record<EndpointName, object[]>> {
  return {
    verifyAudit: [{}],
    searchInCase: [50, 200, 500].map((limit) => ({ faces: [made.probeFaceId], limit })),
    drawSearches: [{ since: '2022-01-01T00:00:00Z', until: '2999-01-01T00:00:00Z', share: 0.0001 }],
    previewStandingSearch: [{ personId: made.personId, withFaces: true, probeFaces: [made.probeFaceId] }],
  }
}

/**
 * Every list and search of the contract, as somebody who may asks for it.
 * @throws Error naming an operation that it cannot ask and that is not left out
 */
export function benchRequests(made: Made): BenchRequest[] {
  const posts = readingPosts(made)
  return (Object.entries(endpoints) as [EndpointName, Endpoint][]).flatMap(
    ([name, endpoint]): BenchRequest[] => {
      const role = roleFor(endpoint)
      const post = posts[name]
      if (post !== undefined) {
        return post.map((body, at) => ({
          name: at === 0 ? name : `${name} ${JSON.stringify(body).slice(-14)}`,
          role,
          method: 'POST',
          path: addressed(name, endpoint.path, made, ''),
          body,
        }))
      }
      if (endpoint.method !== 'GET' || isPicture(endpoint) || name in LEFT_OUT) return []
      const queries = [...(ALWAYS.has(name) ? [] : ['']), ...(QUERIES[name] ?? [])]
      return queries.map((query) => ({
        name: query === '' ? name : `${name} ${query}`,
        role,
        method: 'GET',
        path: addressed(name, endpoint.path, made, query),
        body: undefined,
      }))
    },
  )
}

function isPicture({ stream }: Endpoint): boolean {
  return /^(image|video)\/|pdf$/.test(stream ?? '')
}

/** Agencies' own people before the operator, who sees less. */
function roleFor({ access }: Endpoint): Role {
  if (access === 'public' || access === 'password' || access === 'signed_in') return 'supervisor'
  const may = PERMISSIONS[access] as readonly Role[]
  return may.includes('supervisor') ? 'supervisor' : (may.find((role) => role !== 'operator') ?? 'operator')
}

/** Address of an operation with what was made up in its place. @param query without `?` */
function addressed(name: EndpointName, path: string, made: Made, query: string): string {
  const kinds: [RegExp, string][] = [
    [/^\/collections\/:id/, made.collectionId],
    [/^\/imports\/:id/, made.largeImportId],
    [/^\/cases\/:id/, made.caseId],
    [/^\/probes\/:id/, made.probeId],
    [/^\/searches\/:id/, made.searchId],
    [/^\/people\/:id/, made.personId],
    [/^\/enquiries\/:id/, made.enquiryId],
    [/^\/standing-searches\/:id/, made.standingId],
    [/^\/alerts\/:id/, made.alertId],
    [/^\/identifications\/:id/, made.identificationId],
    [/^\/accounts\/:id/, made.accountId],
  ]
  const id = kinds.find(([pattern]) => pattern.test(path))?.[1]
  const params: Record<string, string | undefined> = { id, rank: '1', mediaId: made.mediaId }
  for (const [, part] of path.matchAll(/:(\w+)/g))
    if (params[part] === undefined)
      throw new Error(`${name} (${path}): give it an id in bench/lists/requests.ts, or leave it out there.`)
  const given = { params, query: Object.fromEntries(new URLSearchParams(query)) }
  // What each operation takes is known by its name alone; this is one of any name.
  return addressOf(name, given as never)
}
