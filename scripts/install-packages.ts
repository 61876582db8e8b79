import { spawnSync } from 'node:child_process'
import process from 'node:process'

/**
 * Installs what only one part of the project needs, from that part's own `package-lock.json`. What npm says goes to stderr:
 * stdout is the caller's, which may print JSON.
 * @param folder where the part's `package.json` lies
 * @throws Error when npm fails; it has said why
 */
export function installPackages(folder: string): void {
  const npm = ['ci', '--prefix', folder, '--no-audit', '--no-fund']
  // On Windows npm is a script, which only a shell starts.
  const shell = process.platform === 'win32'
  const { status } = spawnSync('npm', npm, { stdio: ['ignore', 2, 2], shell })
  if (status !== 0) throw new Error(`The packages of ${folder} could not be installed.`)
}
