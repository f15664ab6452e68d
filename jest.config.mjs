const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tsconfig.json' }] },
  moduleNameMapper: {
    '^@watchfire/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    // A worker thread starts from a file, and Node cannot start one from TypeScript: tests use the built one.
    '^\\./([a-z-]+)-worker-entry\\.js$': '<rootDir>/dist/libs/$1/src/$1-worker-entry.js',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};

/**
 * One project a ring. `unit` needs nothing but the build (worker threads); the others start processes and say what they
 * skip.
 */
const ring = (displayName, testMatch, more = {}) => ({ ...shared, displayName, testMatch, ...more });

export default {
  // A process that has run two hundred files holds gigabytes of modules, and does little else than collect them.
  workerIdleMemoryLimit: '1GB',
  // For a test that hangs; what a test waits for, it waits for by itself, and shared machines have slow disks.
  testTimeout: 30_000,
  reporters: ['default', '<rootDir>/test/support/skip-reporter.mjs'],
  projects: [
    ring('unit', ['<rootDir>/{apps,libs}/*/src/**/*.spec.ts']),
    ring('repository', ['<rootDir>/test/repository/**/*.spec.ts']),
    ring('simulation', ['<rootDir>/test/simulation/**/*.spec.ts']),
    ring('upgrade', ['<rootDir>/test/upgrade/**/*.spec.ts']),
    ring('e2e', ['<rootDir>/test/e2e/**/*.spec.ts']),
    ring('services', ['<rootDir>/test/services/**/*.spec.ts']),
    ring('faults', ['<rootDir>/test/faults/**/*.spec.ts']),
    ring('browser', ['<rootDir>/test/browser/**/*.spec.ts']),
  ],
};
