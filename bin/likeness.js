#!/usr/bin/env node
// In a clone the command runs the TypeScript sources; in an installed package it runs what `npm run build` made of them.
import { existsSync } from 'node:fs'
import module from 'node:module'
import process from 'node:process'

// The least of `engines` in package.json.
const [major, minor, patch] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && (minor < 22 || (minor === 22 && patch < 2)))) {
  process.stderr.write(
    `likeness needs Node 22.22.2 or newer; this is Node ${process.versions.node}. ` +
      'Inside a clone run `npx likeness …`: the project brings its own Node.\n',
  )
  process.exit(2)
}
// Keeps what Node makes of the sources, so that only the first start takes long.
module.enableCompileCache?.()
const source = new URL('../src/cli/main.ts', import.meta.url)
const entry = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url)
const { main } = await import(entry.href)
await main(process.argv)
