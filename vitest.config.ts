import { tmpdir } from 'node:os'
import path from 'node:path'
import { defineConfig } from 'vitest/config'

/** Keys that sign audit logs of tests, and all else that is kept for the user of this machine. */
const env = { XDG_STATE_HOME: path.join(tmpdir(), `likeness-test-state-${process.pid}`) }

/**
 * `fast`: what a developer runs after each change, under one minute.
 * `slow`: kill, fuzz, browser and whole-demo tests; `.ci/run` runs both.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          env,
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.ts'],
          exclude: ['**/*.slow.test.ts'],
          globalSetup: ['test/support/fetch-fixtures.ts'],
          pool: 'forks',
          // Every core: vitest would leave one free.
          maxWorkers: '100%',
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'slow',
          env,
          include: ['src/**/*.slow.test.ts', 'test/**/*.slow.test.ts'],
          globalSetup: ['test/support/fetch-fixtures.ts'],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 1_200_000,
          // As the browser's own waits: what is polled for comes when the machine gets to it.
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
  },
})
