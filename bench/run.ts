import { spawnSync } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import { BENCHES, listOfBenches } from './benches.ts'

// `npm run bench -- NAME [options]`: runs one bench with its options; without a name, says which there are.

const [name, ...options] = process.argv.slice(2)
const here = import.meta.dirname

/** Installs what a bench alone needs. What npm says goes to stderr: stdout is the bench's, which may print JSON. */
function installPackages(folder: string): number {
  const npm = ['ci', '--prefix', folder, '--no-audit', '--no-fund']
  // On Windows npm is a script, which only a shell starts.
  const shell = process.platform === 'win32'
  return spawnSync('npm', npm, { stdio: ['ignore', 2, 2], shell }).status ?? 1
}

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
  if (bench.packages !== undefined) {
    const status = installPackages(path.join(here, bench.packages))
    if (status !== 0) return status
  }
  const program = path.join(here, bench.program)
  return spawnSync(process.execPath, [program, ...options], { stdio: 'inherit' }).status ?? 1
}

process.exitCode = run()
