/** The part of a pino logger that the history uses. */
export interface HistoryLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export const SILENT: HistoryLog = { info: () => {}, warn: () => {}, error: () => {} };
