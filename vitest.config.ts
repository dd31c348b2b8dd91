import { defineConfig } from 'vitest/config'

const everywhere = ['**/node_modules/**', '**/artifacts/**', '**/.stoa/**', '**/build/**']

/** On a machine of CI a test that needs real time gets a second try; the report shows that it needed it. */
const retry = process.env.CI ? 1 : 0

/** One project per tier; the suffix of a test file says which tier it belongs to (docs/developers.md). */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.unit.test.ts'],
          exclude: everywhere,
          pool: 'threads',
          isolate: false,
          maxWorkers: 2,
          testTimeout: 5_000,
        },
      },
      {
        test: {
          name: 'int',
          include: ['**/*.int.test.ts'],
          exclude: everywhere,
          pool: 'forks',
          maxWorkers: 2,
          globalSetup: ['packages/chassis/testing/server.ts'],
          retry,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'journey',
          include: ['tests/**/*.journey.test.ts'],
          exclude: everywhere,
          pool: 'forks',
          fileParallelism: false,
          globalSetup: ['tests/support/shared-shop.ts'],
          retry,
          testTimeout: 120_000,
          // A shop of its own, perhaps one of many processes.
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['**/*.cluster.test.ts'],
          exclude: everywhere,
          pool: 'forks',
          fileParallelism: false,
          globalSetup: ['packages/chassis/testing/server.ts', 'tests/support/kafka-server.ts'],
          retry,
          testTimeout: 180_000,
          // The first of all starts also downloads what it starts.
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
