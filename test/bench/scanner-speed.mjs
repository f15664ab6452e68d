/**
 * How long the scanner of the own dialect takes for the message that `npm run bench` sends, beside the reference that makes
 * objects of it: `npm run build:server && node test/bench/scanner-speed.mjs`. The best
 * of many short rounds: what else the machine does only ever adds.
 */
import { Buffer } from 'node:buffer';
import {
  decodeLimits,
  decodeTelemetry,
  TelemetryScanner,
  TelemetryShape,
} from '../../dist/libs/protocol/src/index.js';
import { ReadingBuilder, ReadingSource } from '../../dist/libs/readings/src/index.js';

const MESSAGES = 20_000;
const ROUNDS = 100;
const DEVICES = 100;
const RECEIVED_AT = 1_735_689_600_500;
const FRAME_BYTES = 64 * 1024;

const head = '{"values":{"conc":10.123},"ts":1735689600000,"seq":10000001,"boot":"bench-100-1';
const payload = `${head.padEnd(118, '-')}"}`;
const scanner = new TelemetryScanner({
  maxLateMs: 86_400_000,
  maxHistoricalLateMs: 86_400_000,
  maxAheadMs: 60_000,
  decode: decodeLimits,
});
const points = [
  { key: 'conc', type: 'number', min: -5, max: 120 },
  { key: 'fault', type: 'boolean' },
];
const shapes = Array.from({ length: DEVICES }, (_, i) => {
  const id = `load-${i}`;
  return new TelemetryShape(ReadingSource.of(id, [`${id}.conc`, `${id}.fault`]), points);
});
/** As a socket has them: many messages in one buffer, none at its beginning. */
const perBuffer = Math.floor(FRAME_BYTES / payload.length);
const buffer = Buffer.from(payload.repeat(perBuffer));

function bestOf(name, work) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const from = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(from);
    best = Math.min(best, ((user + system) * 1000) / MESSAGES);
  }
  const cpu = best.toFixed(0).padStart(6);
  console.log(`${name.padEnd(10)} ${cpu} ns of CPU a message of ${payload.length} bytes`);
}

const builder = new ReadingBuilder();
bestOf('scanner', () => {
  for (let i = 0; i < MESSAGES; i++) {
    const from = (i % perBuffer) * payload.length;
    if (scanner.scan(buffer, from, from + payload.length, shapes[i % DEVICES], RECEIVED_AT, builder) !== 1)
      throw new Error('the scanner did not take the message');
  }
  builder.take();
});
bestOf('reference', () => {
  for (let i = 0; i < MESSAGES; i++) {
    const from = (i % perBuffer) * payload.length;
    decodeTelemetry(buffer.subarray(from, from + payload.length), decodeLimits);
  }
});
