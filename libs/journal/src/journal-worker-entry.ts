export const journalWorkerEntry = new URL('./journal-worker.js', import.meta.url);
