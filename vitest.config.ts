import { defineConfig } from 'vitest/config'

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
