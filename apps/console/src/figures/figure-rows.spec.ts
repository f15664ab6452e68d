import { describe, expect, test } from '@jest/globals';
import { type FiguresReply, type FiguresView, type OffenderView } from '@watchfire/contracts';
import {
  FIGURE_NAMES,
  FIGURE_SECTION_NAMES,
  FIGURE_SECTIONS,
  figureRows,
  loadColumns,
  nuisance,
  sortedGroups,
} from './figure-rows.js';
import { figureText } from './figure-words.js';

const total = { announced: 30, chattering: 9, fleeting: 5, responseP95Ms: null } as FiguresView;
const reply = (parts: Partial<FiguresReply> = {}): FiguresReply => ({
  from: 0,
  to: 1,
  positions: 1,
  total,
  groups: [],
  top: [],
  topShare: 0.4,
  floods: [],
  load: { from: 0, everyMs: 600_000, announced: [], peak: [] },
  apart: { drill: 2, test: 3 },
  targets: { chattering: { target: 0, limit: 0, source: 'ISA-18.2' } },
  verdicts: { chattering: 'poor' },
  ...parts,
});
const offender = (deviceId: string, chattering: number, fleeting: number): OffenderView =>
  ({ deviceId, chattering, fleeting }) as OffenderView;

describe('the table of figures', () => {
  test('has each figure once', () => {
    const shown = FIGURE_SECTION_NAMES.flatMap((section) => FIGURE_SECTIONS[section] as readonly string[]);
    expect(shown.toSorted()).toEqual([...FIGURE_NAMES].sort());
  });

  test('shows a figure with its target, whose it is, and the verdict', () => {
    const rows = figureRows(reply(), 'nuisance');
    expect(rows.find(({ name }) => name === 'chattering')).toEqual({
      name: 'chattering',
      unit: 'count',
      value: 9,
      target: 0,
      source: 'ISA-18.2',
      verdict: 'poor',
    });
    expect(rows.find(({ name }) => name === 'topShare')?.value).toBe(0.4);
  });

  test('leaves out the verdict where there is nothing to judge', () => {
    expect(figureRows(reply(), 'response')[0]).toMatchObject({ value: null, target: null, verdict: null });
    expect(figureRows(reply(), 'apart').map(({ name, value }) => [name, value])).toContainEqual(['drill', 2]);
  });
});

describe('groups', () => {
  test('stand by the figure that was chosen, what has none last', () => {
    const group = (name: string, responseP95Ms: number | null) => ({
      key: name,
      name,
      figures: { responseP95Ms } as FiguresView,
    });
    const groups = [group('none', null), group('fast', 1_000), group('slow', 60_000)];
    expect(sortedGroups(groups, 'responseP95Ms').map(({ name }) => name)).toEqual(['slow', 'fast', 'none']);
  });
});

describe('what chatters', () => {
  test('is named, the worst first, and what is of none of the ten is told', () => {
    const top = [offender('calm', 0, 0), offender('a', 2, 0), offender('b', 4, 1), offender('c', 0, 3)];
    const { offenders, others } = nuisance({ top, total });
    expect(offenders.map(({ deviceId }) => deviceId)).toEqual(['b', 'a', 'c']);
    expect(others).toEqual({ chattering: 3, fleeting: 1 });
  });
});

test('the load stands at the middle of its steps', () => {
  expect(loadColumns({ from: 0, everyMs: 600_000, announced: [3, 0], peak: [3, 0] })).toEqual([
    [300, 900],
    [3, null],
  ]);
});

test('a figure is written by its kind, and something is never nothing', () => {
  expect([figureText(null, 'count'), figureText(7, 'count'), figureText(0.034, 'share')]).toEqual([
    '—',
    '7',
    '3.4%',
  ]);
  expect([0, 0.000_7, 0.244, 5.861, 144.36].map((value) => figureText(value, 'rate'))).toEqual([
    '0',
    '<0.01',
    '0.24',
    '5.86',
    '144.4',
  ]);
  expect(figureText(60_000, 'time')).toBe('1:00');
});
