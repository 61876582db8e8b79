import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { madeTemplates, PlainGallery } from '../../test/support/gallery-contract.ts'
import { openGallery } from './embedded-gallery.ts'
import { seededBits } from './kernel/transform.ts'

const LENGTH = 64

test('large enough for floors to be guessed, with and without filters, finds what a plain scan finds', async () => {
  const count = 200_000
  const plain = new PlainGallery()
  const { gallery } = await openGallery({
    label: 'test',
    templateLength: LENGTH,
    loadTemplates: plain.load,
    threads: 2,
  })
  onTestFinished(() => gallery.close())
  const templates = madeTemplates(count, LENGTH, 51)
  const rows = templates.map((template, i) => ({ id: i + 1, template, tag: i % 50 }))
  for (let start = 0; start < count; start += 50_000) await gallery.add(rows.slice(start, start + 50_000))
  for (const row of rows) plain.rows.set(row.id, row)
  const queries = madeTemplates(8, LENGTH, 52)
  for (const [i, query] of queries.entries()) {
    const filter = i % 2 === 0 ? {} : { tags: [i, i + 10] }
    const wanted = plain.search(query, 20, filter)
    const [exact] = await gallery.search([query], { k: 20, filter, exact: true })
    expect(exact.candidates).toEqual(wanted)
    expect(exact.facesSearched).toBe(i % 2 === 0 ? count : count / 25)
    const [quick] = await gallery.search([query], { k: 20, filter })
    expect(quick.facesSearched).toBe(exact.facesSearched)
    // At 64 numbers codes are coarse; of the twenty nearest strangers some are missed, never the first few.
    expect(quick.candidates.slice(0, 1)).toEqual(wanted.slice(0, 1))
    const found = wanted.filter(({ id }) => quick.candidates.some((candidate) => candidate.id === id)).length
    expect(found).toBeGreaterThanOrEqual(15)
  }
  // The same person many times over: then the guess is too high, and the search is done again without.
  const crowd = Array.from({ length: 40 }, (_, i) => ({ id: count + 1 + i, template: templates[7] }))
  await gallery.add(crowd)
  for (const row of crowd) plain.rows.set(row.id, row)
  const [{ candidates }] = await gallery.search([templates[7]], { k: 41 })
  expect(candidates).toHaveLength(41)
  expect(candidates.every(({ similarity }) => similarity > 0.999)).toBe(true)
})

test('a running search ends soon after its signal', async () => {
  const { gallery } = await openGallery({
    label: 'test',
    templateLength: LENGTH,
    loadTemplates: new PlainGallery().load,
    threads: 1,
  })
  onTestFinished(() => gallery.close())
  const templates = madeTemplates(100_000, LENGTH, 53)
  await gallery.add(templates.map((template, i) => ({ id: i + 1, template })))
  const controller = new AbortController()
  const options = { k: 1000, exact: true, signal: controller.signal }
  const searches = Array.from({ length: 16 }, () => gallery.search(templates.slice(0, 50), options))
  setImmediate(() => controller.abort())
  const outcomes = await Promise.allSettled(searches)
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  expect(gallery.stats().waitingQueries).toBe(0)
  expect((await gallery.search([templates[3]], { k: 1 }))[0].facesSearched).toBe(100_000)
})

test('searches that are ended while they share a pass with others leave the others as they are', async () => {
  const { gallery } = await openGallery({
    label: 'test',
    templateLength: LENGTH,
    loadTemplates: (ids) => ids.map((id) => templates[id - 1]),
    threads: 2,
  })
  onTestFinished(() => gallery.close())
  const templates = madeTemplates(150_000, LENGTH, 54)
  for (let start = 0; start < templates.length; start += 50_000) {
    await gallery.add(
      templates.slice(start, start + 50_000).map((template, i) => ({ id: start + i + 1, template })),
    )
  }
  for (let round = 0; round < 40; round++) {
    const controllers = Array.from({ length: 8 }, () => new AbortController())
    const searches = controllers.map(({ signal }, i) =>
      gallery.search([templates[round * 8 + i]], { k: 3, signal }),
    )
    const outcomes = Promise.allSettled(searches)
    // Some before the pass begins, some in its midst.
    controllers[round % 8].abort()
    setImmediate(() => controllers[(round + 3) % 8].abort())
    for (const [i, outcome] of (await outcomes).entries()) {
      if (outcome.status === 'rejected') continue
      expect(outcome.value[0].facesSearched).toBe(templates.length)
      expect(outcome.value[0].candidates).toHaveLength(3)
      expect(outcome.value[0].candidates[0]).toMatchObject({ id: round * 8 + i + 1 })
    }
  }
})

const WRITER = `
  import { openGallery } from ${JSON.stringify(new URL('./embedded-gallery.ts', import.meta.url).href)}
  const { gallery, lastId } = await openGallery({
    folder: process.argv[1], label: 'test', templateLength: ${LENGTH}, threads: 1, loadTemplates: () => [],
  })
  let id = lastId
  for (;;) {
    const rows = Array.from({ length: 30 }, () => {
      id++
      return { id, template: Float32Array.from({ length: ${LENGTH} }, (_, i) => Math.sin(id * 31 + i * i)) }
    })
    await gallery.add(rows)
    process.stdout.write('added ' + id + '\\n')
    if (id % 4 === 2) {
      await gallery.remove([id - 5])
      process.stdout.write('removed ' + (id - 5) + '\\n')
    }
  }
`

test('killed at any moment, it holds what it had acknowledged, without what it had removed', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'likeness-gallery-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const next = seededBits(61)
  const removed = new Set<number>()
  let everAdded = 0
  for (let round = 0; round < 20; round++) {
    const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = 5 + (next() % 60)
    let said = ''
    for await (const piece of writer.stdout) {
      said += String(piece)
      if (said.split('\n').length > lines) break
    }
    const exited = once(writer, 'exit')
    writer.kill('SIGKILL')
    await exited
    const acknowledged = [...said.matchAll(/added (\d+)\n/g)].map((match) => Number(match[1]))
    everAdded += acknowledged.length
    for (const match of said.matchAll(/removed (\d+)\n/g)) removed.add(Number(match[1]))
    const opened = await openGallery({
      folder,
      label: 'test',
      templateLength: LENGTH,
      threads: 1,
      loadTemplates: new PlainGallery().load,
    })
    const ids = [...opened.gallery.ids()].flatMap((piece) => [...piece])
    expect(opened.lastId).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0)
    expect(ids.some((id) => removed.has(id))).toBe(false)
    expect(opened.damage.every(({ kind }) => kind === 'unfinished')).toBe(true)
    await opened.gallery.close()
  }
  expect(everAdded).toBeGreaterThan(20)
  expect(removed.size).toBeGreaterThan(5)
})

test('eighty cuts and changed bytes: each is noticed, and only whole blocks are trusted', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'likeness-gallery-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'rows')
  const open = () =>
    openGallery({
      folder,
      label: 'test',
      templateLength: LENGTH,
      threads: 1,
      loadTemplates: new PlainGallery().load,
    })
  const { gallery } = await open()
  const templates = madeTemplates(200, LENGTH, 62)
  const ends = [512]
  for (let start = 0; start < 200; start += 20) {
    await gallery.add(
      templates.slice(start, start + 20).map((template, i) => ({ id: start + i + 1, template })),
    )
    ends.push(gallery.stats().fileBytes)
  }
  await gallery.close()
  const whole = await readFile(file)
  const next = seededBits(63)
  for (let round = 0; round < 80; round++) {
    const offset = next() % whole.length
    const cut = round % 2 === 0
    const bytes = Buffer.from(whole)
    if (!cut) bytes[offset] ^= 1 + (next() % 255)
    await writeFile(file, bytes)
    if (cut) await truncate(file, offset)
    const opened = await open()
    const blocks = Math.max(
      0,
      ends.findLastIndex((end) => end <= offset),
    )
    expect(opened.lastId).toBe(blocks * 20)
    expect(opened.damage.length).toBe(cut && ends.includes(offset) ? 0 : 1)
    await opened.gallery.close()
  }
})
