/** What the server said of lines that it did not take all of. */
export interface Refusal {
  readonly reason: string;
  /** The request as a whole was too long (413). */
  readonly tooLong: boolean;
  /** It is certain that lines are to blame, and not the request or something on the way. */
  readonly ofLines: boolean;
  /** Reasons by index of the line, where the server names lines. */
  readonly named: ReadonlyMap<number, string>;
  /** How many points were dropped, where the server tells. */
  readonly dropped: number | undefined;
}

const STORED = 204;
/** By which cloud editions of generation 3 said "partly stored". */
const PARTLY = 201;
const TOO_LONG = 413;
const MAY_BE_LINES: ReadonlySet<number> = new Set([200, PARTLY, 400, TOO_LONG, 422]);
/** Characters of a reason from its beginning and from its end: what is wrong stands behind the line that it is wrong with. */
const HEAD = 200;
const TAIL = 300;

/**
 * Reads an answer to a write. `stored`: every line is stored, or was dropped because the retention of the server would delete
 * it anyway. Undefined: it is not about lines, and an error as any other.
 */
export function readWriteAnswer(status: number, body: string): 'stored' | Refusal | undefined {
  if (status === STORED) return 'stored';
  if (!MAY_BE_LINES.has(status)) return undefined;
  const told = parse(body);
  const whole = told?.error ?? told?.message ?? body;
  const text = shortened(whole);
  if (isBeyondRetention(whole)) return 'stored';
  const named = namedLines(told?.data);
  // An empty 200 is what something in between sends that never asked the server.
  if (status === 200 && named.size === 0) return undefined;
  const dropped = /\bdropped=(\d+)/.exec(whole)?.[1];
  return {
    reason: text === '' ? `answered ${status}` : text,
    tooLong: status === TOO_LONG,
    ofLines:
      status !== 400 || named.size > 0 || /partial write|unable to parse|pars(e|ing).*line/i.test(whole),
    named,
    dropped: dropped === undefined ? undefined : Number(dropped),
  };
}

/**
 * Points that are older than the retention of the server are dropped by it and the others of the request are stored: that is no
 * failure. Both forms: until 1.11 and 2.7.11, and later, when the bound is named (points may also lie too far ahead).
 */
function isBeyondRetention(text: string): boolean {
  return /partial write: (points beyond retention policy|dropped \d+ points outside retention policy .*Retention Policy Lower Bound)/.test(
    text,
  );
}

interface Told {
  readonly error?: string;
  readonly message?: string;
  readonly data?: unknown;
}

function parse(body: string): Told | undefined {
  try {
    const told = JSON.parse(body) as Record<string, unknown> | null;
    if (typeof told !== 'object' || told === null) return undefined;
    const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
    const [error, message] = [text(told['error']), text(told['message'])];
    return {
      ...(error === undefined ? {} : { error }),
      ...(message === undefined ? {} : { message }),
      data: told['data'],
    };
  } catch {
    return undefined;
  }
}

/** Generation 3: `data` holds an object, or one a line, with `line_number` (from 1) and `error_message`. */
function namedLines(data: unknown): ReadonlyMap<number, string> {
  const named = new Map<number, string>();
  for (const item of Array.isArray(data) ? (data as unknown[]) : [data]) {
    const { line_number: number, error_message: message } = (item ?? {}) as Record<string, unknown>;
    if (!Number.isInteger(number) || (number as number) < 1) continue;
    named.set((number as number) - 1, typeof message === 'string' ? shortened(message) : 'refused');
  }
  return named;
}

function shortened(text: string): string {
  return text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)} … ${text.slice(-TAIL)}`;
}
