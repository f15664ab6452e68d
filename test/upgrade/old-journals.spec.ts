import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AlarmEngine, type EngineSnapshot, type Transition } from '@watchfire/alarm';
import { engineInput, EngineHost } from '@watchfire/engine';
import { EmbeddedHistory } from '@watchfire/history';
import { type JournalPart, lastOffset, SqliteJournal } from '@watchfire/journal';
import { ManualClock } from '@watchfire/testing';
import { pino } from 'pino';

/** Journals as older versions wrote them (`write-fixture.mjs`), and the transitions that those versions made of them. */
const FIXTURES = 'test/upgrade';
const fixtures = (await readdir(FIXTURES)).filter((name) => name.startsWith('snapshot-'));

let folder: string;
let clock: ManualClock;
let journal: SqliteJournal;
const close: (() => Promise<unknown>)[] = [];

async function unpack(fixture: string, file: string): Promise<Buffer> {
  return gunzipSync(await readFile(join(FIXTURES, fixture, file)));
}

async function openJournal(fixture: string): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'watchfire-upgrade-'));
  await mkdir(join(folder, 'journal'));
  await writeFile(join(folder, 'journal', 'journal.db'), await unpack(fixture, 'journal.db.gz'));
  clock = new ManualClock(Date.UTC(2026, 5, 1));
  journal = await SqliteJournal.open({ directory: join(folder, 'journal'), now: clock.now });
  close.push(() => journal.close());
}

async function transitionsThen(fixture: string): Promise<Transition[]> {
  const text = (await unpack(fixture, 'transitions.ndjson.gz')).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Transition);
}

/** As the server replays it: readings in columns. */
async function partsFrom(offset: number): Promise<JournalPart[]> {
  const parts: JournalPart[] = [];
  const head = journal.head();
  await new Promise<void>((resolve) => {
    const following = journal.follow(offset, (more) => {
      parts.push(...more);
      const last = more.at(-1);
      if (last !== undefined && lastOffset(last) >= head) resolve(following.stop());
    });
  });
  return parts;
}

function apply(engine: AlarmEngine, parts: readonly JournalPart[]): Transition[] {
  return parts.flatMap((part): readonly Transition[] => {
    const { offset, at } = part;
    if ('readings' in part) return engine.applyReadings(offset, at, part.readings).transitions;
    const input = engineInput(part.record);
    return input === undefined ? [] : engine.apply({ offset, at, input }).transitions;
  });
}

async function savedEngine(): Promise<EngineSnapshot> {
  const saved = await journal.loadState('engine');
  if (saved === undefined) throw new Error('the fixture holds no snapshot');
  return (JSON.parse(Buffer.from(saved.bytes).toString('utf8')) as { engine: EngineSnapshot }).engine;
}

/** The Chinese text about a rule that cannot be evaluated gave its reason in English once: it is told in the words of today. */
function withoutReason<A extends { readonly rule: string; readonly message: string }>(alarm: A): A {
  return alarm.rule.startsWith('rule-fault:') ? { ...alarm, message: '' } : alarm;
}

function comparable<T extends Pick<Transition, 'alarm'>>(transition: T): T {
  return { ...transition, alarm: withoutReason(transition.alarm) };
}

/** Everything that was said then is said now; a newer version may say more of it, in fields of its own. */
function expectSame(now: readonly Transition[], then: readonly Transition[]): void {
  const said = now.map(comparable);
  for (const [index, transition] of then.entries()) expect(said[index]).toMatchObject(comparable(transition));
  expect(now.length).toBe(then.length);
}

describe.each(fixtures)('a journal of a version with %s', (fixture) => {
  beforeEach(() => openJournal(fixture));
  afterEach(async () => {
    for (const end of close.splice(0).reverse()) await end();
    await rm(folder, { recursive: true });
  });

  it('[AL31] is replayed from the beginning: the same alarms, ids, times and texts', async () => {
    const parts = await partsFrom(1);
    expectSame(apply(AlarmEngine.create(), parts), await transitionsThen(fixture));
  });

  it('[AL31] is continued from its snapshot: the same as from the beginning', async () => {
    const snapshot = await savedEngine();
    const engine = AlarmEngine.restore(snapshot);
    const tail = apply(engine, await partsFrom(snapshot.offset + 1));
    expectSame(
      tail,
      (await transitionsThen(fixture)).filter(({ seq }) => seq > snapshot.seq),
    );
    const whole = AlarmEngine.create();
    apply(whole, await partsFrom(1));
    expect([...engine.alarms()].map(withoutReason)).toEqual([...whole.alarms()].map(withoutReason));
    expect(engine.nextDeadline()).toBe(whole.nextDeadline());
  });

  it('is opened by the server as it stands, with every alarm that was open', async () => {
    const then = await transitionsThen(fixture);
    const open = new Map(then.map(({ alarmId, alarm }) => [alarmId, alarm]));
    for (const [id, { state }] of open) if (state === 'NORM') open.delete(id);
    const history = await EmbeddedHistory.open({ directory: join(folder, 'history'), now: clock.now });
    close.push(() => history.close());
    const host = await EngineHost.start({ journal, history, clock, log: pino({ level: 'silent' }) });
    close.push(() => host.stop());
    expect(open.size).toBeGreaterThan(0);
    for (const id of open.keys()) expect(host.alarm(id)?.id).toBe(id);
  });
});
