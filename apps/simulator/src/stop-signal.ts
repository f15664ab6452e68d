/**
 * Resolves at the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal is closed). Later ones are taken and ignored:
 * Ctrl-C under npm arrives twice, and the second must not cut the orderly end short.
 */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}
