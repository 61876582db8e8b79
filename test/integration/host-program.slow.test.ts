import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

test("a program that uses the library keeps its own sharp as it was, and loads no network's runtime on its main thread", () => {
  const program = path.join(scratchFolder(), 'host.mjs')
  const entry = pathToFileURL(path.resolve('src/index.ts')).href
  const from = pathToFileURL(path.resolve('package.json')).href
  writeFileSync(
    program,
    `import Module, { createRequire } from 'node:module'
     const sharp = createRequire(${JSON.stringify(from)})('sharp')
     const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')
     const settings = () => JSON.stringify([sharp.cache(), sharp.concurrency()].map((it) => it.memory?.max ?? it))
     const draw = async () => (await sharp(svg).png().toBuffer()).length > 0
     const said = { before: settings() }
     const { createEngine } = await import(${JSON.stringify(entry)})
     said.svgAfterImport = await draw()
     const engine = await createEngine({ workers: 2 })
     const reading = await engine.readPhoto(${JSON.stringify(groupPhoto(1))})
     said.outcome = reading.outcome
     said.svgAfterUse = await draw()
     said.after = settings()
     said.runtime = Object.keys(Module._cache).filter((file) => file.includes('onnxruntime'))
     await engine.close()
     console.log(JSON.stringify(said))`,
  )
  const said = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as Record<
    string,
    unknown
  >
  expect(said).toMatchObject({ svgAfterImport: true, outcome: 'read', svgAfterUse: true, runtime: [] })
  expect(said['after']).toBe(said['before'])
})
