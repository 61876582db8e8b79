import { readFileSync } from 'node:fs'
import { subset } from 'semver'
import { expect, test } from 'vitest'

// What npm would warn of: `.npmrc` keeps its warnings from those who only install (docs/decisions/runtime-and-tools.md), so
// they are looked for here, and whoever changes a dependency meets them.

interface Installed {
  dev?: boolean
  optional?: boolean
  deprecated?: string
  hasInstallScript?: boolean
  engines?: { node?: string }
}

const own = JSON.parse(readFileSync('package.json', 'utf8')) as {
  engines: { node: string }
  allowScripts: Record<string, boolean>
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Installed> }
const installed = Object.entries(lock.packages).filter(([place]) => place !== '')
/** `node_modules/a/node_modules/@b/c` -> `@b/c`. */
const nameOf = (place: string): string => place.split('node_modules/').at(-1)!

test('every package that is installed for running runs on every Node that this one says it runs on', () => {
  const unfit = installed
    .filter(([, { dev, optional }]) => dev !== true && optional !== true)
    .filter(([, { engines }]) => engines?.node !== undefined && !subset(own.engines.node, engines.node))
    .map(([place, { engines }]) => `${place} wants Node ${engines!.node}`)
  expect(unfit).toEqual([])
})

test('no package is one that its makers have given up', () => {
  const given = installed.filter(([, { deprecated }]) => deprecated !== undefined)
  expect(given.map(([place, { deprecated }]) => `${place}: ${deprecated}`)).toEqual([])
})

test('for every package with an install step somebody has decided whether it runs', () => {
  const steps = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true)
  const undecided = steps.map(([place]) => nameOf(place)).filter((name) => !(name in own.allowScripts))
  expect(undecided).toEqual([])
})
