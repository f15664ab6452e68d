import { type EngineSnapshot } from '@watchfire/alarm';
import { type LiveSnapshot } from './live-state.js';

/** What a restart begins with. */
export interface HostState {
  readonly engine: EngineSnapshot;
  readonly live: LiveSnapshot;
}

/** So many entries of a long list are one piece: some 100 kB. */
const A_PIECE = 1_000;

/**
 * The state as one JSON text, in pieces: of a million points it is longer than a string may be, and making it takes longer than an
 * alarm may wait.
 */
export function* stateText({ engine, live }: HostState): Iterable<string> {
  const { lanes, ...known } = engine;
  const { latest, connections, sequences = [], ...more } = live;
  yield `{"engine":${opened(known)}"lanes":[`;
  for (const [index, { devices, ...lane }] of lanes.entries()) {
    yield `${index === 0 ? '' : ','}${opened(lane)}"devices":`;
    yield* list(devices);
    yield '}';
  }
  yield `]},"live":${opened(more)}"latest":`;
  yield* list(latest);
  yield ',"connections":';
  yield* list(connections);
  yield ',"sequences":';
  yield* list(sequences);
  yield '}}';
}

export function parseState(bytes: Uint8Array): HostState {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as HostState;
}

/** An object to which more is to be added. */
function opened(object: object): string {
  const text = JSON.stringify(object);
  return text === '{}' ? '{' : `${text.slice(0, -1)},`;
}

function* list(entries: readonly unknown[]): Iterable<string> {
  yield '[';
  for (let from = 0; from < entries.length; from += A_PIECE) {
    const piece = JSON.stringify(entries.slice(from, from + A_PIECE)).slice(1, -1);
    yield from === 0 ? piece : `,${piece}`;
  }
  yield ']';
}
