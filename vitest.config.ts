import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default'],
    // Each test has a server and a simulator of its own; a third of the time would go into loading the same modules again.
    isolate: false,
    // Most of a test is waiting for a server of its own; as many workers as cores leave these idle for a third of the time.
    maxWorkers: availableParallelism() + 2,
  },
});
