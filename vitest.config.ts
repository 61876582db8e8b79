import { existsSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { defineConfig } from 'vitest/config'

// What Node makes of the sources is kept for every process and thread that tests start, where Node itself keeps it.
process.env['NODE_COMPILE_CACHE'] ??= path.join(tmpdir(), 'node-compile-cache')

/** Keys that sign audit logs of tests, and all else that is kept for the user of this machine. */
const env = { XDG_STATE_HOME: path.join(tmpdir(), `likeness-test-state-${process.pid}`) }

const MEMORY_DISK = '/dev/shm'
/** Room for the records of every fast test under way, many times over. */
const MEMORY_DISK_BYTES = 2 * 1024 ** 3

/**
 * Slow tests that have the machine to themselves: they measure time or memory, catch work half done, fill every core, or
 * build what others serve. A test that is not named here runs beside another one.
 */
const ALONE = [
  'src/engine/worker/photo-pool',
  'src/http/busy',
  'src/http/cut-off',
  'src/http/kill-server',
  'src/http/many-uploads',
  'src/http/sign-in-timing',
  'src/http/streams',
  'src/jobs/jobs',
  'src/notices/deliver',
  'src/video/hostile-videos',
  'src/video/run-decoder',
  'src/video/video-service',
  'test/e2e/drafts',
  'test/e2e/practice',
  'test/e2e/video',
  'test/integration/failed-starts',
  'test/integration/installed-package',
  'test/integration/kill-import',
  'test/integration/kill-upload',
  'test/integration/kill-video',
  'test/integration/kill-watch',
  'test/integration/rotate-key',
].map((name) => `${name}.slow.test.ts`)
// One that was renamed would no longer be alone, and nobody would notice.
for (const file of ALONE)
  if (!existsSync(file)) throw new Error(`vitest.config.ts names ${file}, which is not there.`)

const FIXTURES = 'test/support/fetch-fixtures.ts'

const slow = {
  env,
  pool: 'forks' as const,
  testTimeout: 1_200_000,
  // As the browser's own waits: what is polled for comes when the machine gets to it.
  expect: { poll: { timeout: 20_000 } },
}

/** Two at a time: most of them wait for a disk, a browser or a process that starts. */
const inPairs = { maxWorkers: 2, sequence: { groupOrder: 1 } }

/**
 * `fast`: what a developer runs after each change, a minute and a half on two cores.
 * `slow`, `slow-browser`, `slow-alone`: kill, fuzz, browser and whole-demo tests; `.ci/run` runs all of them.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          env: { ...env, ...memoryDisk() },
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.ts'],
          exclude: ['**/*.slow.test.ts'],
          globalSetup: [FIXTURES],
          pool: 'forks',
          // One process reads the sources once for all of its files: to read them takes longer than most files.
          isolate: false,
          // Every core: vitest would leave one free.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...slow,
          ...inPairs,
          name: 'slow',
          include: ['src/**/*.slow.test.ts', 'test/**/*.slow.test.ts'],
          exclude: [...ALONE, 'test/e2e/**'],
          globalSetup: [FIXTURES],
        },
      },
      {
        test: {
          ...slow,
          ...inPairs,
          name: 'slow-browser',
          include: ['test/e2e/**/*.slow.test.ts'],
          exclude: ALONE,
          globalSetup: [FIXTURES, 'test/e2e/build-web.ts'],
        },
      },
      {
        test: {
          ...slow,
          name: 'slow-alone',
          include: ALONE,
          globalSetup: [FIXTURES, 'test/e2e/build-web.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})

/**
 * Temporary files in memory, where there is room: a record waits for the disk at each commit, which the fast tests make by
 * the thousand. What must be on the disk after a power cut is a matter of the slow tests, which stay on it.
 */
function memoryDisk(): { TMPDIR?: string } {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_DISK)
    return bavail * bsize > MEMORY_DISK_BYTES ? { TMPDIR: MEMORY_DISK } : {}
  } catch {
    return {}
  }
}
