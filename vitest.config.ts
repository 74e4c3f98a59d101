import { defineConfig } from 'vitest/config';

/** Servers come from the environment: `npm test` starts a private stack and passes its addresses on. */
const project = (name: string, testTimeout: number) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: 60_000 },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', 10_000),
      project('io', 60_000),
      project('flow', 60_000),
      project('e2e', 240_000),
      project('browser', 60_000),
      project('long', 900_000),
    ],
  },
});
