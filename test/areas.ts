/** A folder of `src`, or a file directly in it. */
export interface Area {
  name: string
  what: string
  /** Names of areas above in the list, spaces between; `errors` is everybody's. */
  imports: string
}

/**
 * The areas of `src`, what each is for, and what it may import. What stands below in the list is built on what stands
 * above, so no import goes round in a circle. tidy.test.ts holds the tree to it; scripts/write-architecture.ts prints it.
 */
export const AREAS: readonly Area[] = [
  {
    name: 'mail',
    what: 'one e-mail to the mail server',
    imports: '',
  },
  {
    name: 'closing',
    what: 'ending several things, all of them even when one fails',
    imports: '',
  },
  {
    name: 'concurrency',
    what: 'work that goes on by itself, queues, limits, waits after failures, worker threads: one of each, for all',
    imports: '',
  },
  {
    name: 'contract',
    what: 'the API: shapes, permissions, words; client/ calls it: addresses, retry, files in parts; shared by server, web, command',
    imports: '',
  },
  {
    name: 'engine',
    what: 'photo -> faces -> templates; knows pixels and models, nothing of storage, accounts or HTTP',
    imports: 'concurrency',
  },
  {
    name: 'gallery',
    what: 'templates -> candidates: exact search over codes in WebAssembly; knows vectors and ids, nothing else',
    imports: 'concurrency',
  },
  {
    name: 'store',
    what: 'the record: database/ (SQLite, in threads for the service, page checksums, migrations), tables/ (one declaration each, row digests, rows bound to the log), vault/ (originals and keys)',
    imports: 'concurrency contract',
  },
  {
    name: 'pictures',
    what: 'derivation steps and pictures for people, in worker threads',
    imports: 'concurrency contract engine',
  },
  {
    name: 'live-index',
    what: 'the gallery of one record, kept in step with it',
    imports: 'concurrency gallery store',
  },
  {
    name: 'video',
    what: 'frames, tracks, traces; decoder/ holds FFmpeg as npm brings it, in a process of its own',
    imports: 'concurrency engine store',
  },
  {
    name: 'kept-engine',
    what: 'the engine of a process, started when first asked for',
    imports: 'concurrency engine',
  },
  {
    name: 'context',
    what: 'what actions work with',
    imports: 'concurrency engine store live-index video',
  },
  {
    name: 'actor',
    what: 'who acts, what they may do, what they must not see as a blind verifier',
    imports: 'contract store',
  },
  {
    name: 'audit',
    what: 'the chained log of every action, hashes of the rows that each wrote, checkpoints, verification; anchors/ gives checkpoints to places outside',
    imports: 'mail concurrency contract store context actor',
  },
  {
    name: 'access',
    what: 'accounts, sign-in, devices, roles and their second person, cut-off',
    imports: 'concurrency contract store context actor audit',
  },
  {
    name: 'background',
    what: 'work that goes on when nobody asks: loops, and who it is done for',
    imports: 'closing concurrency store actor access',
  },
  {
    name: 'sources',
    what: 'files -> items: folders, archives, manifests, web archives, tool outputs, EXIF, Content Credentials; knows no record',
    imports: 'concurrency contract engine store video',
  },
  {
    name: 'collections',
    what: 'collections: made, found, granted, held; what an agency sees of them',
    imports: 'contract store context actor audit access',
  },
  {
    name: 'alerts',
    what: 'rows of alerts and notices: closing and forgetting them',
    imports: 'contract store actor audit',
  },
  {
    name: 'media',
    what: 'what is shown of media: candidates, browsing, pictures, films, archived pages, provenance; near duplicates',
    imports: 'concurrency contract engine store pictures video context actor audit sources',
  },
  {
    name: 'search',
    what: 'a probe or several against collections; what a similarity means',
    imports: 'contract engine gallery store live-index video context actor audit collections media',
  },
  {
    name: 'folder-search',
    what: 'a probe against a folder, with its cache',
    imports: 'engine search',
  },
  {
    name: 'html-reports',
    what: 'pages that the command writes of a search',
    imports: 'engine context actor audit media search folder-search',
  },
  {
    name: 'evaluation',
    what: 'accuracy on labelled photos, degradations, the report',
    imports: 'engine gallery search folder-search html-reports',
  },
  {
    name: 'blind-verification',
    what: 'verifications that are asked for, who has seen what before, line-ups that are held, prints of their pictures',
    imports: 'contract store pictures actor audit media search',
  },
  {
    name: 'uploads',
    what: 'parts of files on their way in',
    imports: 'store',
  },
  {
    name: 'erasure',
    what: 'what erasing takes away, batch by batch, with its tombstones',
    imports: 'store video context actor audit collections alerts uploads',
  },
  {
    name: 'imports',
    what: 'imports of a collection: lists, leases, uploads, commits; new rows of media, faces, videos',
    imports:
      'concurrency contract engine gallery store video context actor audit access background sources collections media uploads erasure',
  },
  {
    name: 'cases',
    what: 'cases, their probes and searches, who works on them',
    imports:
      'contract engine store pictures context actor audit access collections media search blind-verification',
  },
  {
    name: 'people',
    what: 'records of persons, names across scripts, photos to look with, merge and split',
    imports:
      'contract engine store pictures context actor audit collections alerts media search blind-verification erasure',
  },
  {
    name: 'retention',
    what: 'what goes by its date: collections, persons, cases',
    imports: 'concurrency contract store context actor collections erasure cases',
  },
  {
    name: 'identification',
    what: 'leads, evidence, the gate, signature, withdrawal, transmittals',
    imports: 'contract store context actor audit access blind-verification cases people',
  },
  {
    name: 'examination',
    what: 'ACE-V, blind line-ups, measured error rates',
    imports:
      'contract engine store pictures live-index context actor audit access collections media search blind-verification cases identification',
  },
  {
    name: 'watch',
    what: 'standing searches: matching at enrolment, alerts, dates',
    imports:
      'concurrency contract engine gallery store pictures live-index context actor audit access collections alerts media search cases people identification',
  },
  {
    name: 'notices',
    what: 'e-mail and signed webhooks, from rows that survive a crash',
    imports: 'mail concurrency contract store context actor audit access alerts blind-verification watch',
  },
  {
    name: 'jobs',
    what: 'long acts that a request begins and does not wait for',
    imports: 'concurrency contract store context actor audit access background collections erasure',
  },
  {
    name: 'report',
    what: 'sealed reports (PDF, JSON), evidence export',
    imports:
      'contract engine store actor audit sources collections media search html-reports cases identification examination',
  },
  {
    name: 'missing',
    what: 'how people went missing, contacts, files of people (CSV, PFIF), posters, enquiries',
    imports: 'concurrency contract engine store pictures context actor audit sources media people report',
  },
  {
    name: 'oversight',
    what: 'statistics, random samples of searches to be looked at',
    imports: 'contract engine gallery store live-index context actor audit search',
  },
  {
    name: 'enrolment',
    what: 'new templates beside the old when the model pack changes',
    imports: 'engine gallery store context actor audit media imports people',
  },
  {
    name: 'doctor',
    what: 'checks every stored byte and reference, repairs what is derived',
    imports: 'gallery store live-index video context actor audit uploads erasure',
  },
  {
    name: 'open-context',
    what: 'wires store, index and engine by hand',
    imports: 'closing engine store live-index video kept-engine context audit',
  },
  {
    name: 'config',
    what: 'settings of the service',
    imports: '',
  },
  {
    name: 'http',
    what: 'the service: one file of routes a resource, thin',
    imports:
      'mail concurrency contract engine store pictures context actor audit access background sources collections media search blind-verification erasure imports cases people retention identification examination watch notices jobs report missing oversight config',
  },
  {
    name: 'cli',
    what: 'the `likeness` command: one file a command',
    imports:
      'closing concurrency contract engine store video actor audit access sources collections media search folder-search html-reports evaluation erasure imports retention watch report enrolment doctor open-context config http',
  },
  {
    name: 'index',
    what: 'the library that programs import',
    imports: 'engine',
  },
]

/** What an area may import, by name. */
export function importsOfArea({ imports }: Area): string[] {
  return imports.split(' ').filter(Boolean)
}
