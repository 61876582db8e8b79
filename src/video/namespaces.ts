import { spawnSync } from 'node:child_process'
import process from 'node:process'

/** Of util-linux, part of nearly every Linux system. */
const UNSHARE = '/usr/bin/unshare'
const FLAGS = ['--user', '--map-current-user', '--net', '--ipc']
const TRIAL_LIMIT_MS = 5000

/**
 * What a command is begun with so that it runs in namespaces of its own: no network, no shared memory of others, none of
 * the rights of this process's user beyond its files. Empty where the system has none or forbids them, as many containers do.
 * @param files that the command must still be able to read
 */
export function namespaceCommand(files: readonly string[]): readonly string[] {
  if (process.platform !== 'linux') return []
  const command = [UNSHARE, ...FLAGS, '--']
  const readable = 'for file; do test -r "$file" || exit 1; done'
  const { status } = spawnSync(command[0], [...command.slice(1), '/bin/sh', '-c', readable, 'sh', ...files], {
    timeout: TRIAL_LIMIT_MS,
    stdio: 'ignore',
  })
  return status === 0 ? command : []
}
