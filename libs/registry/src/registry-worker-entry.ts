/** The file of the storage thread. In a module of its own, so that tests can point it at the built one. */
export const registryWorkerEntry = new URL('./registry-worker.js', import.meta.url);
