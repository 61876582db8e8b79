import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { filesBelow, scratchFolder } from './support/scratch-folder.ts'

const HERE = `${process.platform}/${process.arch}`

/** A clone in which onnxruntime-node has libraries for these. @returns those that are left after npm's `prepare` */
function left(platforms: readonly string[]): string[] {
  const clone = scratchFolder()
  const libraries = path.join(clone, 'node_modules/onnxruntime-node/bin/napi-v6')
  for (const platform of platforms) {
    mkdirSync(path.join(libraries, platform), { recursive: true })
    writeFileSync(path.join(libraries, platform, 'binding.node'), '')
  }
  mkdirSync(path.join(clone, 'scripts'))
  const script = path.join(clone, 'scripts/drop-other-platforms.js')
  copyFileSync('scripts/drop-other-platforms.js', script)
  writeFileSync(path.join(clone, 'package.json'), '{"type":"module"}')
  execFileSync(process.execPath, [script])
  return filesBelow(clone)
    .filter(({ file }) => file.endsWith('.node'))
    .map(({ file }) => path.relative(libraries, path.dirname(file)).replaceAll(path.sep, '/'))
}

test('of the libraries of all platforms, the one that this machine loads is left', () => {
  expect(left([HERE, 'sunos/mips', `${process.platform}/mips`])).toEqual([HERE])
})

test('a machine that none is for keeps all; one without any is left as it is', () => {
  expect(left(['sunos/mips', 'plan9/mips']).toSorted()).toEqual(['plan9/mips', 'sunos/mips'])
  expect(left([])).toEqual([])
})
