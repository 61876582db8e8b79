import { spawnSync } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import { installPackages } from '../scripts/install-packages.ts'
import { BENCHES, listOfBenches } from './benches.ts'

// `npm run bench -- NAME [options]`: runs one bench with its options; without a name, says which there are.

const [name, ...options] = process.argv.slice(2)
const here = import.meta.dirname

function run(): number {
  if (name === undefined || name === '--help') {
    process.stdout.write(listOfBenches())
    return 0
  }
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
  if (bench === undefined) {
    process.stderr.write(`There is no bench "${name}".\n\n${listOfBenches()}`)
    return 2
  }
  if (bench.packages !== undefined) installPackages(path.join(here, bench.packages))
  const program = path.join(here, bench.program)
  return spawnSync(process.execPath, [program, ...options], { stdio: 'inherit' }).status ?? 1
}

process.exitCode = run()
