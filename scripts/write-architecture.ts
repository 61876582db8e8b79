import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { AREAS, importsOfArea, type Area } from '../test/areas.ts'

// Prints the areas of src into ARCHITECTURE.md, in layers: `npm run architecture` after a change of test/areas.ts.

const FILE = fileURLToPath(new URL('../ARCHITECTURE.md', import.meta.url))
const SOURCES = fileURLToPath(new URL('../src', import.meta.url))
const START = '<!-- areas: npm run architecture -->'
const END = '<!-- areas end -->'

/** 0 for what imports nothing; else one more than the highest that it imports. */
function layersOf(areas: readonly Area[]): Area[][] {
  const layer = new Map<string, number>()
  for (const area of areas)
    layer.set(area.name, Math.max(-1, ...importsOfArea(area).map((other) => layer.get(other) ?? 0)) + 1)
  const layers: Area[][] = []
  for (const area of areas) (layers[layer.get(area.name)!] ??= []).push(area)
  return layers
}

/** Of what an area imports, what it does not get by way of another import. */
function closest(of: Area): string[] {
  const imports = importsOfArea(of)
  const below = (name: string): string[] => {
    const area = AREAS.find((one) => one.name === name)
    return area === undefined ? [] : importsOfArea(area).flatMap((other) => [other, ...below(other)])
  }
  const indirect = new Set(imports.flatMap(below))
  return imports.filter((name) => !indirect.has(name))
}

function isFolder(name: string): boolean {
  return statSync(path.join(SOURCES, name), { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** The document with the areas as they are now. */
export function withAreas(document: string): string {
  const rows = layersOf(AREAS)
    .toReversed()
    .flatMap((areas) =>
      areas.map((area) => {
        const name = isFolder(area.name) ? `${area.name}/` : `${area.name}.ts`
        return `| \`${name}\` | ${area.what} | ${closest(area).join(', ')} |`
      }),
    )
  const table = ['| area | what it does | stands on |', '|---|---|---|', ...rows].join('\n')
  const [start, end] = [document.indexOf(START), document.indexOf(END)]
  if (start < 0 || end < start) throw new Error(`${START} and ${END} must stand in ARCHITECTURE.md.`)
  return `${document.slice(0, start + START.length)}\n\n${table}\n\n${document.slice(end)}`
}

if (import.meta.main) writeFileSync(FILE, withAreas(readFileSync(FILE, 'utf8')))
