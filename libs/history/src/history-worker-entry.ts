/** Beside this file once built: Node cannot start a thread from TypeScript. */
export const historyWorkerEntry = new URL('./history-worker.js', import.meta.url);
