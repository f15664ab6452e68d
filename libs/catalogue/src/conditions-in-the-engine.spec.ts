import { describe, expect, test } from '@jest/globals';
import { Installed } from '../spec/installed.js';
import { profileOfYaml } from '../spec/yaml-profile.js';

/** Each kind of condition from the text of a file to an alarm, on the engine as it ships. */
const DELAYS = 'onDelaySeconds: $0, offDelaySeconds: $0';
const LADDER = `limits: { HH: { limit: $20, priority: $red }, H: { limit: $10, priority: $orange } }, deadband: $1, ${DELAYS}`;

function pump(rule: string): Installed {
  const device = new Installed(profileOfYaml(rule));
  expect(device.engine.faults()).toEqual([]);
  return device;
}

describe('[RU16] a rule of a file becomes an alarm', () => {
  test('deviation from a written set-point, and from a point', () => {
    const written = pump(`condition: { kind: deviation, point: pressure, setPoint: $400, ${LADDER} }`);
    expect(written.says(0, { pressure: 409 }).seen()).toEqual([]);
    expect(written.says(1, { pressure: 410 }).seen()).toEqual(['r H orange UNACK']);
    expect(written.says(2, { pressure: 421 }).seen()).toEqual(['r HH red UNACK']);
    const read = pump(
      `condition: { kind: deviation, point: pressure, setPoint: { point: setPressure }, ${LADDER} }`,
    );
    expect(read.says(0, { pressure: 515, setPressure: 510 }).seen()).toEqual([]);
    expect(read.says(1, { setPressure: 505 }).seen()).toEqual(['r H orange UNACK']);
  });

  test('deviation from an attribute', () => {
    const device = pump(
      `condition: { kind: deviation, point: pressure, setPoint: { attribute: designPressure }, ${LADDER} }`,
    );
    expect(device.says(0, { pressure: 805 }).seen()).toEqual([]);
    expect(device.says(1, { pressure: 811 }).seen()).toEqual(['r H orange UNACK']);
  });

  test('a limit that is read from a point, with a fallback while that is not known', () => {
    const by = 'by: { point: setPressure, fallback: $700 }';
    const device = pump(
      `condition: { kind: limit, point: pressure, limits: { H: { limit: $600, ${by}, priority: $red } }, deadband: $0, ${DELAYS} }`,
    );
    expect(device.says(0, { pressure: 650 }).seen()).toEqual([]);
    expect(device.says(1, { pressure: 700 }).seen()).toEqual(['r H red UNACK']);
    expect(device.says(2, { setPressure: 900 }).seen()).toEqual(['r H red RTNUN']);
  });

  test('band', () => {
    const device = pump(
      `condition: { kind: band, point: pressure, alarm: $outside, low: $100, high: { attribute: designPressure }, deadband: $5, priority: $yellow, ${DELAYS} }`,
    );
    expect(device.says(0, { pressure: 100 }).seen()).toEqual([]);
    expect(device.says(1, { pressure: 801 }).seen()).toEqual(['r - yellow UNACK']);
    expect(device.says(2, { pressure: 796 }).seen()).toEqual(['r - yellow UNACK']);
    expect(device.says(3, { pressure: 795 }).seen()).toEqual(['r - yellow RTNUN']);
  });

  test('rate of change, a minute', () => {
    const device = pump(
      `condition: { kind: rate, point: pressure, windowSeconds: $60, per: $minute, ${LADDER} }`,
    );
    expect(device.says(0, { pressure: 0 }).says(29, { pressure: 50 }).seen()).toEqual([]);
    expect(device.says(30, { pressure: 7 }).seen()).toEqual(['r H orange UNACK']);
  });

  test('derived value', () => {
    const device = pump(
      `condition: { kind: derived, expression: $"(out - in) / 2", variables: { out: pressure, in: setPressure }, unit: kPa, ${LADDER} }`,
    );
    expect(device.says(0, { pressure: 30, setPressure: 15 }).seen()).toEqual([]);
    expect(device.says(1, { pressure: 35 }).seen()).toEqual(['r H orange UNACK']);
  });

  test('CUSUM drift', () => {
    const device = pump(
      'condition: { kind: drift, point: pressure, target: $100, direction: $up, slack: $1, threshold: $5, priority: $blue }',
    );
    expect(device.says(0, { pressure: 103 }).says(1, { pressure: 103 }).seen()).toEqual([]);
    expect(device.says(2, { pressure: 103 }).seen()).toEqual(['r - blue UNACK']);
  });

  test('bits, the most severe first', () => {
    const device = pump(
      `condition: { kind: bits, point: word, bits: [{ mask: $4, level: fault, priority: $yellow }, { mask: $3, level: fire, priority: $red }, { mask: $16, when: $false, level: no-mains, priority: $blue }], ${DELAYS} }`,
    );
    expect(device.says(0, { word: 16 }).seen()).toEqual([]);
    expect(device.says(1, { word: 0 }).seen()).toEqual(['r no-mains blue UNACK']);
    expect(device.says(2, { word: 22 }).seen()).toEqual(['r fire red UNACK']);
  });

  test('any change', () => {
    const device = pump('condition: { kind: change, point: mode, holdSeconds: $60, priority: $blue }');
    expect(device.says(0, { mode: 'auto' }).seen()).toEqual([]);
    expect(device.says(1, { mode: 'hand' }).seen()).toEqual(['r - blue UNACK']);
    expect(device.until(61).seen()).toEqual(['r - blue RTNUN']);
  });

  test('discrepancy of command and feedback', () => {
    const device = pump(
      'condition: { kind: discrepancy, command: command, feedback: running, expectedSeconds: $10, offDelaySeconds: $0, priority: $red }',
    );
    device.says(0, { command: false, running: false }).says(1, { command: true });
    expect(device.until(10).seen()).toEqual([]);
    expect(device.until(12).seen()).toEqual(['r - red UNACK']);
    expect(device.says(13, { running: true }).seen()).toEqual(['r - red RTNUN']);
  });

  test('discrepancy of two types, by pairs', () => {
    const pairs = 'pairs: [{ command: true, feedback: $auto }, { command: false, feedback: $hand }]';
    const device = pump(
      `condition: { kind: discrepancy, command: command, feedback: mode, ${pairs}, expectedSeconds: $10, offDelaySeconds: $0, priority: $red }`,
    );
    expect(device.says(0, { command: true, mode: 'auto' }).until(20).seen()).toEqual([]);
    expect(device.says(21, { mode: 'hand' }).until(32).seen()).toEqual(['r - red UNACK']);
  });

  test('frozen value', () => {
    const device = pump(
      'condition: { kind: frozen, point: pressure, afterSeconds: $600, tolerance: $0.5, priority: $yellow }',
    );
    expect(device.says(0, { pressure: 1 }).says(599, { pressure: 1.5 }).seen()).toEqual([]);
    expect(device.says(600, { pressure: 1 }).seen()).toEqual(['r - yellow UNACK']);
    expect(device.says(601, { pressure: 2 }).seen()).toEqual(['r - yellow RTNUN']);
  });

  test('count in a window', () => {
    const device = pump(
      'condition: { kind: count, point: running, values: $[true], count: $2, windowSeconds: $60, priority: $yellow }',
    );
    device.says(0, { running: false }).says(1, { running: true }).says(2, { running: false });
    expect(device.seen()).toEqual([]);
    expect(device.says(3, { running: true }).seen()).toEqual(['r - yellow UNACK']);
  });

  test('flapping value', () => {
    const device = pump(
      'condition: { kind: value-flapping, point: pressure, tolerance: $5, count: $2, windowSeconds: $60, priority: $blue }',
    );
    device.says(0, { pressure: 0 }).says(1, { pressure: 10 }).says(2, { pressure: 14 });
    expect(device.seen()).toEqual([]);
    expect(device.says(3, { pressure: 0 }).seen()).toEqual(['r - blue UNACK']);
  });

  test('[RU17] boolean with a schedule: who runs the pump at night', () => {
    const logic = `logic: { is: and, terms: [
      { is: one-of, point: running, values: $[true] },
      { is: '>=', left: { point: pressure }, right: $5 },
      { is: not, term: { is: within, zone: $Asia/Shanghai, spans: $["Mo-Fr 08:00-18:00"] } } ] }`;
    // 08:00 UTC is 16:00 in Shanghai: two hours to the end of the day.
    const device = pump(`condition: { kind: boolean, ${logic}, level: night, priority: $red, ${DELAYS} }`);
    expect(device.says(0, { running: true, pressure: 5 }).until(7_199).seen()).toEqual([]);
    expect(device.until(7_200).seen()).toEqual(['r night red UNACK']);
  });

  test('[RU18] limits that stand apart are a rule each', () => {
    const guidance = 'guidance: { zh: 撤, en: leave }';
    const limits = `HH: { limit: $20, priority: $red, ${guidance} }, H: { limit: $10, priority: $orange }`;
    const rule = `condition: { kind: limit, point: pressure, limits: { ${limits} }, exclusive: false, deadband: $1, ${DELAYS} }`;
    expect(pump(rule).says(0, { pressure: 21 }).seen()).toEqual(['r-h H orange UNACK', 'r-hh HH red UNACK']);
    const rules = profileOfYaml(rule).rules.slice(2);
    expect(rules.map(({ key, guidance: { en } }) => [key, en])).toEqual([
      ['r-hh', 'leave'],
      ['r-h', 'look'],
    ]);
  });

  test('a count of samples beside the on-delay', () => {
    const device = pump(
      `condition: { kind: limit, point: pressure, limits: { H: { limit: $10, priority: $red } }, deadband: $0, onDelaySeconds: $60, offDelaySeconds: $0, onCount: $3 }`,
    );
    device
      .says(0, { pressure: 11 })
      .says(1, { pressure: 9 })
      .says(2, { pressure: 11 })
      .says(3, { pressure: 9 });
    expect(device.seen()).toEqual([]);
    expect(device.says(4, { pressure: 11 }).seen()).toEqual(['r H red UNACK']);
  });
});

test('[RU16] enabledWhen: suppressed by design while the pump stands', () => {
  const device = pump(
    `condition: { kind: limit, point: pressure, limits: { L: { limit: $10, priority: $red } }, deadband: $0, ${DELAYS} },
     enabledWhen: { is: one-of, point: running, values: $[true] }`,
  );
  expect(device.says(0, { running: false, pressure: 0 }).seen()).toEqual(['r L red DSUPR']);
  expect(device.says(1, { running: true }).seen()).toEqual(['r L red UNACK']);
});

test('[RU16] reorderSeconds: values wait for those that were measured before them', () => {
  const device = pump(
    `condition: { kind: limit, point: late, limits: { H: { limit: $10, priority: $red } }, deadband: $0, ${DELAYS} }`,
  );
  expect(device.says(0, { late: 11 }).until(29).seen()).toEqual([]);
  expect(device.until(30).seen()).toEqual(['r H red UNACK']);
});
