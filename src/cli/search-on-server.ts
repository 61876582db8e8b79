import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { CallReply } from '../contract/client/api-client.ts'
import { AppError, reasonOf } from '../errors.ts'
import { printable } from '../search/choose-probe-face.ts'
import { strangersText } from '../html-reports/strangers-text.ts'
import { askForFace } from './ask-for-face.ts'
import { EXIT } from './exit-codes.ts'
import { colours, say, sayJson, table, warn } from './output/terminal.ts'
import { NO_FACES, placeText, similarityText } from './output/words.ts'
import { ServerClient, type ServerOptions } from './server-options.ts'

/** Options of a search, wherever it is done. */
export interface SearchOnServerOptions extends ServerOptions {
  case?: string
  collection?: string[]
  since?: string
  until?: string
  limit: number
  threshold?: number
  exact?: boolean
  face?: number[]
  report?: string
  json?: boolean
}

type Search = CallReply<'searchInCase'>

/** `likeness search PROBE… --server URL --case CASE`: the photos become probes of the case, the search is kept there. */
export async function searchOnServer(
  files: readonly string[],
  options: SearchOnServerOptions,
): Promise<number> {
  if (options.case === undefined) {
    throw new AppError('bad_input', 'Through a service, a search belongs to a case: give --case NUMBER.')
  }
  if (options.report !== undefined) {
    throw new AppError('bad_input', '--report works on --data; a service shows its searches in the web app.')
  }
  const client = new ServerClient(options)
  const { id: caseId } = await client.findCase(options.case)
  const collections =
    options.collection === undefined ? undefined : await client.findCollections(options.collection)
  const faces: string[] = []
  for (const [at, file] of files.entries()) {
    const probe = await addProbe(client, caseId, file)
    const wanted = options.face?.[at]
    const [only] = probe.faces
    if (wanted === undefined && probe.faces.length !== 1) {
      if (only === undefined) throw new AppError('no_face', `${printable(file)}: no face was found.`)
      const listed = probe.faces.map(({ number, box, quality }) => ({
        number,
        boxPx: box,
        quality: { unifiedScore: Number(quality.unifiedScore) },
      }))
      return askForFace(file, listed, options.json === true)
    }
    const face = wanted === undefined ? only : probe.faces.find(({ number }) => number === wanted)
    if (face === undefined)
      throw new AppError(
        'bad_input',
        `${printable(file)} has no face ${wanted}; it has ${probe.faces.length}.`,
      )
    faces.push(face.id)
  }
  const search = await client.call('searchInCase', {
    params: { id: caseId },
    body: {
      faces,
      limit: options.limit,
      exact: options.exact === true,
      ...(collections === undefined ? {} : { collections }),
      ...(options.since === undefined ? {} : { since: options.since }),
      ...(options.until === undefined ? {} : { until: options.until }),
      ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
    },
  })
  const address = client.page(`/searches/${search.id}`)
  if (options.json === true) sayJson({ ...search, address })
  else print(search, address)
  return search.candidateCount > 0 ? EXIT.found : EXIT.nothingFound
}

/** The same file in the same case is the same probe, however often it is searched with. */
async function addProbe(client: ServerClient, caseId: string, file: string): Promise<CallReply<'addProbe'>> {
  const body = await readFile(file).catch((error: unknown) => {
    throw new AppError('bad_input', `${printable(file)} cannot be read: ${reasonOf(error)}.`, {
      cause: error,
    })
  })
  const sha256 = createHash('sha256').update(body).digest('hex')
  const { items } = await client.call('listProbes', { params: { id: caseId }, query: { limit: 200 } })
  const known = items.find((probe) => probe.sha256 === sha256 && probe.parentId === null)
  if (known !== undefined) return known
  return client.call('addProbe', {
    params: { id: caseId },
    query: { label: path.basename(file).slice(0, 200) },
    body,
  })
}

function print(search: Search, address: string): void {
  const titles = search.collections.map(({ title }) => title).join(', ') || 'no collection'
  say(`Searched: ${search.facesSearched} faces in ${printable(titles)}`)
  if (search.facesSearched === 0) warn(NO_FACES)
  if (search.facesUndated > 0)
    warn(`${search.facesUndated} faces were not searched: nobody knows when their photos were taken.`)
  say()
  if (search.candidateCount === 0) {
    say(
      `No candidate: no face reaches similarity ${similarityText(search.threshold)}. That is a result, not an error.`,
    )
  } else {
    const rows = search.candidates.map(
      ({ rank, similarity, strangersExpected, extrapolated, person, face, media }) => [
        rank.toString(),
        similarityText(similarity),
        strangersText(strangersExpected, extrapolated),
        printable(person?.ref ?? person?.name ?? ''),
        printable(media?.collections.map(({ title }) => title).join(', ') ?? 'erased, or no longer granted'),
        face === null ? '' : placeText({ number: face.number, boxPx: face.box }),
        printable([media?.sources[0]?.name, media?.sources[0]?.sourceUrl].filter(Boolean).join(' ')),
      ],
    )
    const header = ['rank', 'similarity', 'strangers expected', 'person', 'collection', 'face', 'source']
    say(table(header, rows, 'rrrllll'))
  }
  if (search.more) say('More faces reach the threshold; see them with --limit.')
  say(`In the web app: ${address}`)
  say(colours.dim('A likeness is a lead, never an identity.'))
}
