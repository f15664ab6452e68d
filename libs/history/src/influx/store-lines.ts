import { HistoryError } from '../history-error.js';
import { type Refusal } from './write-answer.js';

/** Sends lines in one request; resolves with what was refused, undefined where all are stored. */
export type SendLines = (lines: readonly string[]) => Promise<Refusal | undefined>;

/** Refusals of one call before the search for single lines ends: those of about a hundred lines far from each other. */
const MOST_REFUSALS = 1_000;

/**
 * Stores lines and finds those that the server refuses, as reasons by index; all others are stored when it resolves. Lines that
 * the server names are left out of the next attempt; where it names none, what was refused is halved. Sending a line again is
 * safe [HI3], and only an answer without a refusal counts: a server may have named some lines, or stored some of the others.
 *
 * Lines of one shape are brought together first: what is wrong with many of them (a type that the server knows otherwise, a limit
 * of series) is then wrong with neighbours, and a run of bad lines costs no more than its two ends where the server tells how many
 * it dropped. The number of attempts is bounded all the same: what is left then is given up together.
 */
export async function storeLines(
  lines: readonly string[],
  send: SendLines,
): Promise<ReadonlyMap<number, string>> {
  const refused = new Map<number, string>();
  if (lines.length === 0) return refused;
  const parts: (readonly number[])[] = [lines.map((_, index) => index)];
  let [refusals, certain, sorted] = [0, false, false];
  let last: Refusal | undefined;
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (refusals >= MOST_REFUSALS) {
      for (const index of part) refused.set(index, `${last?.reason ?? ''} (not tried alone)`);
      continue;
    }
    const refusal = await send(part.map((index) => lines[index]!));
    if (refusal === undefined) continue;
    last = refusal;
    certain ||= refusal.ofLines;
    if (!refusal.tooLong) refusals += 1;
    const rest = refusal.named.size === 0 ? part : withoutNamed(part, refusal, refused);
    if (rest.length < part.length) {
      if (rest.length > 0) parts.push(rest);
    } else if (part.length === 1 || refusal.dropped === part.length) {
      for (const index of part) refused.set(index, refusal.reason);
    } else {
      const together = sorted || refusal.tooLong ? part : byShape(lines, part);
      sorted ||= !refusal.tooLong;
      const middle = Math.ceil(together.length / 2);
      parts.push(together.slice(middle), together.slice(0, middle));
    }
  }
  if (last !== undefined && refused.size === lines.length && !certain) throw notOfLines(last);
  return refused;
}

function withoutNamed(
  part: readonly number[],
  { named }: Refusal,
  refused: Map<number, string>,
): readonly number[] {
  return part.filter((index, place) => {
    const reason = named.get(place);
    if (reason !== undefined) refused.set(index, reason);
    return reason === undefined;
  });
}

/** Of equal shape in the order given, so that of two lines for one point the later stays the later. */
function byShape(lines: readonly string[], part: readonly number[]): readonly number[] {
  const shapes = new Map(part.map((index) => [index, shapeOf(lines[index]!)]));
  return part.toSorted((a, b) => {
    const [one, other] = [shapes.get(a)!, shapes.get(b)!];
    return one < other ? -1 : one > other ? 1 : a - b;
  });
}

/** The names of the fields, then measurement and tags. */
function shapeOf(line: string): string {
  const [, series = '', fields = ''] = /^((?:\\.|[^\\ ])*) (.*) -?\d+$/s.exec(line) ?? [];
  const names = fields.replace(/"(?:\\.|[^"\\])*"/gs, '').replace(/=[^,]*/g, '');
  return `${names} ${series}`;
}

/**
 * Every line was refused, and nothing says that it was for the line: then it is the request that somebody does not want, or
 * somebody else who answers, and no line may be given up for that.
 */
function notOfLines(refusal: Refusal): HistoryError {
  return new HistoryError('refused', `every line was refused: ${refusal.reason}`, true);
}
