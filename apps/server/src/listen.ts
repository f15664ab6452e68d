import { type Logger } from 'pino';

/** How far the next free port is looked for in demo mode. */
const PORTS_TRIED = 20;

export class PortTakenError extends Error {
  readonly code = 'port_taken';

  constructor(what: string, port: number, variable: string) {
    super(`Port ${port} for ${what} is in use. Free it, or choose another with ${variable}.`);
    this.name = 'PortTakenError';
  }
}

export interface ListenOptions {
  readonly what: string;
  readonly variable: string;
  readonly port: number;
  /** Demo mode: the next free port takes the place of a taken one, and it is said. */
  readonly nextFree: boolean;
  readonly log: Logger;
  readonly listen: (port: number) => Promise<number>;
}

/** Listens and returns the port. @throws PortTakenError */
export async function listenOn(options: ListenOptions): Promise<number> {
  const { what, port, nextFree, log, listen, variable } = options;
  const last = nextFree && port !== 0 ? Math.min(port + PORTS_TRIED, 65_535) : port;
  for (let tried = port; tried <= last; tried++) {
    try {
      const actual = await listen(tried);
      if (tried !== port)
        log.warn({ port: actual, wanted: port }, `port ${port} for ${what} is taken: using ${actual}`);
      return actual;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
  throw new PortTakenError(what, port, variable);
}
