import { type ReplayAnswer } from '@watchfire/control-room';
import { HistoryError, type InfluxHistory, type OnRefused, type RefusedLine } from '@watchfire/history';
import { type Journal } from '@watchfire/journal';

/** Of dead letters, see docs/errors.md. */
export const REFUSED_LINE = 'influx_refused';
/** In the place of a topic. */
const TOPIC = 'influxdb';
/** Of one dead letter: a field of another type may concern every line there is. */
const MOST_LINES = 200;

/** Lines that InfluxDB will never take become dead letters: durable before they count as sent. */
export function refusedToDeadLetters(journal: Pick<Journal, 'append'>): OnRefused {
  return async (lines) => {
    for (let from = 0; from < lines.length; from += MOST_LINES) {
      const some = lines.slice(from, from + MOST_LINES);
      await journal.append({
        kind: 'dead-letter',
        deviceId: deviceOf(some),
        topic: TOPIC,
        code: REFUSED_LINE,
        message: some.length === 1 ? reasonOf(some) : `${some.length} lines; ${reasonOf(some)}`,
        payload: Buffer.from(payloadOf(some)).toString('base64'),
      });
    }
  };
}

/** Writes the lines of such a letter again, as they were. */
export async function replayRefused(
  influx: Pick<InfluxHistory, 'writeAgain'>,
  payload: Uint8Array,
): Promise<ReplayAnswer> {
  try {
    const reason = await influx.writeAgain(linesOf(Buffer.from(payload).toString('utf8')));
    return reason === undefined ? { ok: true } : { ok: false, code: REFUSED_LINE, message: reason };
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    return { ok: false, code: error.code, message: error.message };
  }
}

function payloadOf(lines: readonly RefusedLine[]): string {
  const [first] = lines;
  return lines.length === 1 && first !== undefined
    ? first.line
    : JSON.stringify(lines.map(({ line }) => line));
}

/** No line begins with a bracket: it is the name of a measurement. */
function linesOf(payload: string): readonly string[] {
  return payload.startsWith('[') ? (JSON.parse(payload) as string[]) : [payload];
}

function reasonOf([first]: readonly RefusedLine[]): string {
  return first?.reason ?? '';
}

/** Null where there are several. */
function deviceOf(lines: readonly RefusedLine[]): string | null {
  const devices = new Set(
    lines.map(({ origin }) => {
      if (origin.kind === 'sample') return origin.sample.deviceId;
      return origin.kind === 'transition' ? origin.event.alarm.deviceId : '';
    }),
  );
  const [only] = devices;
  return devices.size === 1 && only !== undefined && only !== '' ? only : null;
}
