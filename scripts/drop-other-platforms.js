import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

// `prepare`, which npm runs after `npm ci` and `npm install` in a clone: onnxruntime-node carries the libraries of every
// platform, of which a machine loads one. Others go: docs/decisions/small-installs.md. In JavaScript, since `npm ci
// --omit=dev` may run it on a Node that reads no TypeScript.

/** In it, a folder a platform, and in that one a processor, named as Node names them. */
const libraries = fileURLToPath(new URL('../node_modules/onnxruntime-node/bin/napi-v6', import.meta.url))

const found = (existsSync(libraries) ? readdirSync(libraries) : []).flatMap((platform) =>
  readdirSync(path.join(libraries, platform)).map((processor) => path.join(platform, processor)),
)
const loaded = path.join(process.platform, process.arch)
// Where none is for this machine, nothing is known of the others.
if (found.includes(loaded))
  for (const other of found.filter((place) => place !== loaded))
    rmSync(path.join(libraries, other), { recursive: true })
