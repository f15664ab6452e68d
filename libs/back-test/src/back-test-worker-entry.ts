/** Beside this file once built: Node cannot start a thread from TypeScript. */
export const backTestWorkerEntry = new URL('./back-test-worker.js', import.meta.url);
