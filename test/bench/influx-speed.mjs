/**
 * The way into InfluxDB alone: how many lines a core makes of readings, and how fast our adapter stores them in a real server beside
 * a plain writer of the same lines. Needs a build. `node test/bench/influx-speed.mjs [samples] [url of an InfluxDB 1.x] [path of dist]`
 *
 * Readings of 1,000 devices with two points each, three decimals. Prints one line of JSON.
 */
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL, URLSearchParams } from 'node:url';

const SAMPLES = Number(process.argv[2] ?? 1_000_000);
const url = process.argv[3];
const dist = path.resolve(process.argv[4] ?? 'dist');
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { InfluxHistory } = await load('libs/history/src/index.js');
const { ReadingLines } = await load('libs/history/src/influx/reading-lines.js');
const { ReadingBuilder, ReadingSource } = await load('libs/readings/src/index.js');

const DEVICES = 1_000;
/** Readings of a commit of the journal, and lines of a request of the adapter. */
const BATCH = 2_500;
const LINES = 5_000;
const ROUNDS = 5;
const START = Date.now() - 86_400_000;

const sources = Array.from({ length: DEVICES }, (_, index) =>
  ReadingSource.of(`device-${index}`, [`device-${index}.conc`, `device-${index}.temp`]),
);

/** Each sample of a time of its own, so that every line is another point. */
function batches(samples, from) {
  const all = [];
  for (let reading = 0; reading < samples / 2;) {
    const builder = new ReadingBuilder();
    for (let inBatch = 0; inBatch < BATCH && reading < samples / 2; inBatch += 1, reading += 1) {
      builder.sample(0, Math.round(Math.sin(reading) * 50_000) / 1_000, 0);
      builder.sample(1, 20 + (reading % 7_000) / 1_000, 0);
      const ts = from + reading;
      builder.end(sources[reading % DEVICES], ts + 12, ts, 0);
    }
    all.push(builder.take());
  }
  return all;
}

const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function encode() {
  const given = batches(SAMPLES, START);
  const rates = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const writer = new ReadingLines();
    const cpu = process.cpuUsage();
    let made = 0;
    for (const columns of given) {
      const lines = [];
      writer.append(columns, lines);
      made += lines.length;
    }
    const { user, system } = process.cpuUsage(cpu);
    rates.push((made * 1_000_000) / (user + system));
  }
  return middle(rates);
}

async function ours(given) {
  const cursor = { load: () => Promise.resolve(0), save: () => Promise.resolve() };
  const server = { url, token: '', org: '', bucket: 'ours', api: 'v1' };
  const history = await InfluxHistory.open({ ...server, cursor });
  await history.write({ offset: 1, readings: [], samples: [], events: [] });
  const began = performance.now();
  for (const [index, readings] of given.entries()) {
    await history.write({ offset: index + 2, readings: [readings], samples: [], events: [] });
  }
  const ms = performance.now() - began;
  await history.close();
  return ms;
}

/** The least that can be done: the lines of a request, made before the clock runs, posted one after the other. */
async function plain(given) {
  const writer = new ReadingLines();
  const bodies = [];
  for (const columns of given) {
    const lines = [];
    writer.append(columns, lines);
    for (let from = 0; from < lines.length; from += LINES)
      bodies.push(lines.slice(from, from + LINES).join('\n'));
  }
  await globalThis.fetch(`${url}/query`, {
    method: 'POST',
    body: new URLSearchParams({ q: 'CREATE DATABASE plain' }),
  });
  const began = performance.now();
  for (const body of bodies) {
    const answer = await globalThis.fetch(`${url}/write?db=plain&precision=ns`, { method: 'POST', body });
    if (answer.status !== 204) throw new Error(await answer.text());
  }
  return performance.now() - began;
}

const linesPerSecond = encode();
let written = null;
if (url !== undefined) {
  const samples = Math.min(SAMPLES, 400_000);
  const rates = { ours: [], plain: [] };
  for (let round = 0; round < 3; round += 1) {
    const given = batches(samples, START - (round + 1) * samples);
    const order =
      round % 2 === 0
        ? [
            ['ours', ours],
            ['plain', plain],
          ]
        : [
            ['plain', plain],
            ['ours', ours],
          ];
    for (const [name, write] of order) rates[name].push((samples * 1_000) / (await write(given)));
  }
  written = { samples, ours: middle(rates.ours), plain: middle(rates.plain) };
}
process.stdout.write(`${JSON.stringify({ samples: SAMPLES, linesPerSecond, written })}\n`);
