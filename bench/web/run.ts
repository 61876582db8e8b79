import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { fetchSamplePhotos } from '../../scripts/sample-photos.ts'
import { openBrowser, openWindow } from '../../test/e2e/browser.ts'
import { importPhotos, startWebService, type WebService } from '../../test/e2e/web-service.ts'
import { fillRecord } from '../../test/support/made-up-record.ts'
import { join, newAccount, newAgency, type TestAccount } from '../../test/support/test-service.ts'
import { countFrames, type Frames } from './frames.ts'
import { makeLargePhoto, makePhotos, makeProbe } from './photos.ts'

/**
 * The web app in Chromium against the real service: from a dropped photo to candidates on the screen, scrolling a grid of
 * 200 candidates, and moving and zooming two 24-megapixel pictures. `--faces N`: made-up faces beside the real ones.
 */
const { values } = parseArgs({
  options: { faces: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '7' } },
})
const FACES = Number(values.faces)
const ROUNDS = Number(values.rounds)
const CANDIDATES = 200
const SCROLL_PX = 6000
/** Resolves in the page as soon as every such picture in sight stands or, of a made-up face, is refused; looked at before each frame. */
const shown = (pictures: string): string => `new Promise((resolve) => {
  const look = () => {
    const seen = [...document.querySelectorAll('${pictures}')].filter((image) => image.getBoundingClientRect().top < innerHeight)
    if (seen.every((image) => image.complete) && seen.some((image) => image.naturalWidth > 0)) resolve()
    else requestAnimationFrame(look)
  }
  look()
})`
const CANDIDATE_PICTURES = 'main img[alt^="Candidate"]'

await fetchSamplePhotos()
const folder = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-web-'))
const web = await startWebService()
const browser = await openBrowser()
try {
  const examiner = await fill(web)
  const caseId = await openCase(examiner)
  const { page } = await openWindow(browser, web.url, examiner)
  await measureSearch(page, caseId)
  await measureGrid(page, examiner, caseId)
  await measureWorkbench(page, examiner, caseId)
} finally {
  await browser.close()
  await web.remove()
  await rm(folder, { recursive: true })
}

async function fill({ url, setupLink, ctx }: WebService): Promise<TestAccount> {
  const operator = await join(url, setupLink, { email: 'operator@instance.example', name: 'Operator' })
  const agencyId = await newAgency(operator, 'Bureau')
  const curator = await newAccount(operator, agencyId, 'Curator', ['curator'])
  const { id } = await curator.client.call('createCollection', {
    body: { title: 'Bench', lawfulBasis: 'bench', sensitivity: 'ordinary' },
  })
  await makePhotos(folder, CANDIDATES)
  await makeLargePhoto(path.join(folder, 'large.jpg'), 'audrey.jpg')
  await importPhotos(ctx, id, folder)
  const engine = await ctx.engine()
  await fillRecord(ctx.store, { collectionId: id, kind: engine, faces: FACES, next: randomUnit })
  return newAccount(operator, agencyId, 'Examiner', ['examiner'])
}

/** Direction by chance, from the operating system's bytes: roughly normal by summing four of them. */
function randomUnit(into: Float32Array): void {
  const bytes = randomBytes(into.length * 4)
  let square = 0
  for (let at = 0; at < into.length; at++) {
    const sum = bytes[4 * at] + bytes[4 * at + 1] + bytes[4 * at + 2] + bytes[4 * at + 3]
    into[at] = sum - 510
    square += into[at] ** 2
  }
  const length = Math.sqrt(square)
  for (let at = 0; at < into.length; at++) into[at] /= length
}

async function openCase({ client }: TestAccount): Promise<string> {
  const body = { number: '1', title: 'Bench', purpose: 'training' as const, legalBasis: 'bench' }
  return (await client.call('createCase', { body })).id
}

/** A photo dropped until its face is chosen, and from pressing Search until the first pictures stand on the screen. */
async function measureSearch(page: Page, caseId: string): Promise<void> {
  const buffer = await makeProbe()
  const totals: number[] = []
  const taken: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    await page.goto(`/cases/${caseId}/search`)
    const input = page.locator('input[type=file]').first()
    await input.waitFor({ state: 'attached' })
    const begun = performance.now()
    // One byte more each round: the same bytes again would be answered from what is known.
    const bytes = Buffer.concat([buffer, Buffer.alloc(round + 1)])
    await input.setInputFiles({ name: `probe-${round}.jpg`, mimeType: 'image/jpeg', buffer: bytes })
    const search = page.getByRole('button', { name: 'Search', exact: true })
    await page.locator('button:not([disabled])', { hasText: /^Search$/ }).waitFor()
    const ready = performance.now()
    await search.click()
    await page.getByRole('heading', { level: 1, name: /candidate/ }).waitFor()
    await page.evaluate(shown(CANDIDATE_PICTURES))
    const over = performance.now()
    // The first round opens the index and starts the workers.
    if (round === 0) continue
    totals.push(over - begun)
    taken.push(ready - begun)
  }
  report(`photo of 1 megapixel to candidates on screen, ${FACES} faces, ms`, {
    median: Math.round(median(totals)),
    most: Math.round(Math.max(...totals)),
    'of which until the face is chosen, median': Math.round(median(taken)),
    rounds: ROUNDS,
  })
}

async function measureGrid(page: Page, { client }: TestAccount, caseId: string): Promise<void> {
  const probe = await client.call('addProbe', { params: { id: caseId }, body: await makeProbe() })
  const { id, candidateCount } = await client.call('searchInCase', {
    params: { id: caseId },
    body: { faces: [probe.faces[0].id], limit: CANDIDATES, threshold: -1 },
  })
  await page.goto(`/searches/${id}`)
  await page.evaluate(shown(CANDIDATE_PICTURES))
  const session = await page.context().newCDPSession(page)
  const scroll = (yDistance: number): Promise<unknown> =>
    session.send('Input.synthesizeScrollGesture', { x: 640, y: 500, yDistance, speed: 2000 })
  // The first time down, pictures come over the network and are unpacked; then they are there.
  const first = await countFrames(page, async () => void (await scroll(-SCROLL_PX)))
  const again = await countFrames(page, async () => {
    await scroll(SCROLL_PX)
    await scroll(-SCROLL_PX)
  })
  reportFrames(`grid of ${candidateCount}, scrolled while pictures come`, first)
  reportFrames(`grid of ${candidateCount}, scrolled again`, again)
}

async function measureWorkbench(page: Page, { client }: TestAccount, caseId: string): Promise<void> {
  const file = path.join(folder, 'probe-large.jpg')
  await makeLargePhoto(file, 'audrey.jpg')
  // One byte more: a search does not list the photo that it is made with.
  const body = Buffer.concat([await readFile(file), Buffer.alloc(1)])
  const probe = await client.call('addProbe', { params: { id: caseId }, body })
  const { id, candidates } = await client.call('searchInCase', {
    params: { id: caseId },
    body: { faces: [probe.faces[0].id], limit: CANDIDATES, threshold: -1 },
  })
  const large = candidates.find(({ media }) => (media?.widthPx ?? 0) > 5000)
  if (large === undefined) throw new Error('The large photo is not among the candidates.')
  await page.goto(`/searches/${id}/compare/${large.rank}`)
  await page.locator('figure img').nth(1).waitFor()
  await page.evaluate(shown('figure img'))
  const area = (await page.locator('figure').first().boundingBox())!
  const middle = { x: area.x + area.width / 2, y: area.y + area.height / 2 }
  const pan = async (): Promise<void> => {
    await page.mouse.move(middle.x, middle.y)
    await page.mouse.down()
    for (let step = 0; step < 240; step++) {
      await page.mouse.move(middle.x + 120 * Math.sin(step / 20), middle.y + 80 * Math.cos(step / 17))
    }
    await page.mouse.up()
  }
  reportFrames('two pictures of 24 megapixels, moved', await countFrames(page, pan))
  const zoom = async (): Promise<void> => {
    await page.mouse.move(middle.x, middle.y)
    for (let step = 0; step < 120; step++) await page.mouse.wheel(0, step < 60 ? -30 : 30)
  }
  reportFrames('two pictures of 24 megapixels, zoomed', await countFrames(page, zoom))
}

function reportFrames(what: string, { frames, seconds, late, p95Ms, longestMs }: Frames): void {
  report(what, {
    'frames a second': Number((frames / seconds).toFixed(1)),
    late: `${late} of ${frames}`,
    'p95 between frames, ms': Number(p95Ms.toFixed(1)),
    'longest, ms': Number(longestMs.toFixed(1)),
  })
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}

function report(what: string, facts: Record<string, string | number>): void {
  process.stdout.write(`${what}: ${JSON.stringify(facts)}\n`)
}
