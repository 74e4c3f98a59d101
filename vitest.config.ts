import { defineConfig } from 'vitest/config';

/** Servers come from the environment: `npm test` starts a private stack and passes its addresses on. */
const project = (name: string, testTimeout: number) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: 240_000 },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    // A condition is waited for, however busy the machine is: the default is one second.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      project('unit', 40_000),
      project('io', 60_000),
      project('flow', 120_000),
      project('e2e', 240_000),
      project('browser', 60_000),
      project('long', 900_000),
    ],
  },
});
