import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Condition, type Logic, type Operand } from '@watchfire/alarm';
import { priorityOf } from '@watchfire/contracts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readFile, readdir } from 'node:fs/promises';
import { Catalogue } from './catalogue.js';
import { CatalogueError } from './errors.js';
import { type CatalogueRule, type Profile } from './model.js';

const DIRECTORY = 'config/catalogue';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await Catalogue.load(DIRECTORY);
});

function profile(key: string): Profile {
  const found = catalogue.profile(key);
  if (found === undefined) throw new Error(`no profile ${key}`);
  return found;
}

function rule(profileKey: string, key: string): CatalogueRule {
  const found = profile(profileKey).rules.find((one) => one.key === key);
  if (found === undefined) throw new Error(`no rule ${key}`);
  return found;
}

/** Each rule as one line, so that a person can lay it beside the profile table. */
function told(condition: Condition): string {
  const delays =
    'onDelayMs' in condition ? ` ${condition.onDelayMs / 1000}/${condition.offDelayMs / 1000} s` : '';
  switch (condition.kind) {
    case 'limit': {
      const limits = condition.limits.map((one) => `${one.level} ${one.limit} ${priorityOf(one.severity)}`);
      return `${condition.pointId}: ${limits.join(', ')}; db ${condition.limits[0]?.deadband ?? '?'};${delays}`;
    }
    case 'discrete': {
      const values = condition.alarmValues.map((one) => `${String(one.value)} ${priorityOf(one.severity)}`);
      const unknown = condition.offNormalSeverity ? `, else ${priorityOf(condition.offNormalSeverity)}` : '';
      const { again } = condition;
      const told = again === undefined ? '' : `, again ${again.countId} ${again.placeId ?? ''}`;
      return `${condition.pointId}: ${values.join(', ')}${unknown}${told};${delays}`;
    }
    case 'all': {
      const terms = condition.terms.map((term) => `${term.pointId}=${term.values.join('|')}`);
      return `${terms.join(' & ')}: ${priorityOf(condition.severity)};${delays}`;
    }
    case 'stale':
      return `stale ${condition.pointId} ${condition.afterMs / 1000} s: ${priorityOf(condition.severity)}`;
    case 'offline':
      return `offline ${condition.afterMs / 1000} s: ${priorityOf(condition.severity)}`;
    case 'clock':
      return `clock ${condition.limitMs / 1000} s in ${condition.windowMs / 1000} s: ${priorityOf(condition.severity)}`;
    case 'flapping':
      return `flapping ${condition.count} in ${condition.windowMs / 1000} s: ${priorityOf(condition.severity)}`;
    case 'voting':
      return `voting ${condition.need}, bad ${condition.onBad}: ${priorityOf(condition.severity)};${delays}`;
    case 'voting-degraded': {
      const { of, severity, blindSeverity } = condition;
      return `degraded ${of}: ${priorityOf(severity)}, blind ${priorityOf(blindSeverity)};${delays}`;
    }
    case 'coincidence': {
      const { need, windowMs, severity } = condition;
      return `coincidence ${need} in ${windowMs / 1000} s: ${priorityOf(severity)};${delays}`;
    }
    case 'colours': {
      const { bluesToYellow, yellowsToOrange, orangesToRed } = condition;
      return `colours ${bluesToYellow}/${yellowsToOrange}/${orangesToRed};${delays}`;
    }
    case 'deviation':
    case 'rate': {
      const limits = condition.limits.map((one) => `${one.level} ${one.limit} ${priorityOf(one.severity)}`);
      const of =
        condition.kind === 'rate'
          ? `a ${condition.perMs / 1000} s in ${condition.windowMs / 1000} s`
          : `off ${JSON.stringify(condition.setPoint)}`;
      return `${condition.pointId} ${of}: ${limits.join(', ')}; db ${condition.limits[0]?.deadband ?? '?'};${delays}`;
    }
    case 'band': {
      const { pointId, alarm, low, high, severity, deadband } = condition;
      const ends = [low, high].map((end) => ('value' in end ? String(end.value) : JSON.stringify(end)));
      return `${pointId} ${alarm} ${ends.join(' … ')}: ${priorityOf(severity)}; db ${deadband};${delays}`;
    }
    case 'frozen':
      return `frozen ${condition.pointId} ${condition.afterMs / 1000} s: ${priorityOf(condition.severity)}`;
    case 'count': {
      const { pointId, values, count, windowMs, severity } = condition;
      return `${pointId}=${values.join('|')} ${count} in ${windowMs / 1000} s: ${priorityOf(severity)}`;
    }
    case 'discrepancy': {
      const { commandId, feedbackId, expectedMs, severity } = condition;
      return `${commandId} → ${feedbackId} in ${expectedMs / 1000} s: ${priorityOf(severity)}`;
    }
    case 'boolean':
      return `${logicText(condition.logic)}: ${priorityOf(condition.severity)};${delays}`;
    default:
      throw new Error(`no words for ${condition.kind}`);
  }
}

function logicText(logic: Logic): string {
  switch (logic.is) {
    case 'and':
    case 'or':
      return logic.terms.map(logicText).join(` ${logic.is} `);
    case 'one-of':
      return `${logic.pointId}=${logic.values.join('|')}`;
    case 'not':
    case 'within':
      throw new Error(`no words for ${logic.is}`);
    default: {
      const [left, right] = [logic.left, logic.right].map((side) =>
        'value' in side ? String(side.value) : 'pointId' in side ? side.pointId : side.attribute,
      );
      return `${left} ${logic.is} ${right}`;
    }
  }
}

const rulesOf = (key: string): Record<string, string> =>
  Object.fromEntries(
    profile(key).rules.map((one) => [
      one.key,
      `${one.class}${one.latching ? ' latching' : ''}: ${told(one.condition)}${
        one.enabledWhen ? `, when ${logicText(one.enabledWhen)}` : ''
      }`,
    ]),
  );

describe('the profile table', () => {
  test('row 1, atmospheric tank', () => {
    expect(rulesOf('tank.atm')).toEqual({
      'level-percent':
        'process: levelPercent: HH 95 red, H 90 orange, L 10 yellow, LL 5 orange; db 1; 60/60 s',
      level: 'process: level: HH 28.5 red, H 27 orange, L 3 yellow, LL 1.5 orange; db 0.3; 60/60 s',
      'temp-high': 'process: temp: H 55 orange; db 1; 60/60 s',
      'temp-rise': 'process: temp a 60 s in 600 s: H 1 yellow; db 0.2; 0/60 s',
      'level-frozen': 'trouble: frozen level 86400 s: yellow',
      'level-stale': 'link: stale levelPercent 300 s: yellow',
      offline: 'link: offline 300 s: yellow',
      'link-flapping': 'link: flapping 3 in 600 s: yellow',
      'clock-skew': 'system: clock 60 s in 300 s: yellow',
    });
  });

  test('row 2, pressurised tank: by pressure, by its rate, and by gauges that no longer move', () => {
    expect(rulesOf('tank.pressure')).toEqual({
      'level-percent': 'process: levelPercent: HH 90 red, H 85 orange, L 10 yellow; db 2; 15/15 s',
      'pressure-high': 'process: pressure: HH 1.682 red, H 1.593 orange; db 0.035; 15/15 s',
      'pressure-window':
        'process: pressure outside 0.1 … {"attribute":"designPressure"}: orange; db 0.01; 15/15 s',
      'pressure-rise': 'process: pressure a 60 s in 300 s: HH 0.05 orange, H 0.02 yellow; db 0.005; 0/60 s',
      'temp-rise': 'process: temp a 60 s in 600 s: H 1 yellow; db 0.2; 0/60 s',
      'pressure-frozen': 'trouble: frozen pressure 21600 s: yellow',
      'level-frozen': 'trouble: frozen levelPercent 86400 s: yellow',
      'pressure-stale': 'link: stale pressure 300 s: yellow',
      'level-stale': 'link: stale levelPercent 300 s: yellow',
      offline: 'link: offline 300 s: yellow',
      'link-flapping': 'link: flapping 3 in 600 s: yellow',
      'clock-skew': 'system: clock 60 s in 300 s: yellow',
    });
  });

  test('row 11, commercial gas: the valve must close and the fan must run, and that they did is watched', () => {
    expect(rulesOf('gas.commercial')).toEqual({
      'conc-high': 'gas: conc: HH 50 red, H 25 orange; db 2; 0/60 s',
      'valve-not-closed': 'linkage: conc >= 25 and valveState=true: red; 10/0 s',
      'fan-not-on': 'linkage: conc >= 25 and fanState=false: orange; 10/0 s',
      'valve-discrepancy': 'linkage: valveCommand → valveState in 10 s: red',
      'mains-lost': 'trouble: power: false yellow; 0/0 s',
      'conc-stale': 'link: stale conc 600 s: yellow',
      offline: 'link: offline 600 s: yellow',
      'link-flapping': 'link: flapping 3 in 600 s: yellow',
      'clock-skew': 'system: clock 60 s in 300 s: yellow',
    });
  });

  test('row 13, gas pipeline: off its set pressure while the valve is open', () => {
    expect(rulesOf('pipe.gas')).toEqual({
      'pressure-deviation':
        'process: pressure off {"attribute":"setPressure"}: HH 40 orange, H 20 yellow, L -20 yellow,' +
        ' LL -40 orange; db 4; 15/15 s, when valve=true',
      'pressure-relief': 'process: pressure: HH 285 red; db 4; 15/15 s',
      'pressure-drop': 'process: pressure a 60 s in 120 s: L -20 orange; db 2; 0/60 s, when valve=true',
      'flow-when-closed': 'linkage: valve=false and flow >= 1: orange; 60/60 s',
      'pressure-frozen': 'trouble: frozen pressure 86400 s: yellow',
      'pressure-stale': 'link: stale pressure 600 s: yellow',
      offline: 'link: offline 600 s: yellow',
      'link-flapping': 'link: flapping 3 in 600 s: yellow',
      'clock-skew': 'system: clock 60 s in 300 s: yellow',
    });
  });

  test('row 4, combustible gas detector: the first set-point is the lower one', () => {
    expect(rulesOf('gas.lel.point')).toEqual({
      'conc-high': 'gas: conc: HH 50 red, H 25 orange; db 2; 0/60 s',
      'conc-drift': 'trouble: conc: L -5 yellow; db 2; 0/60 s',
      fault: 'trouble: fault: true yellow; 0/0 s',
      'calibration-due': 'trouble: calibrationDue: true blue; 0/0 s',
      'conc-stale': 'link: stale conc 120 s: yellow',
      offline: 'link: offline 120 s: yellow',
      'link-flapping': 'link: flapping 3 in 600 s: yellow',
      'clock-skew': 'system: clock 60 s in 300 s: yellow',
    });
  });

  test('row 22, fire user information transmission device', () => {
    expect(rulesOf('fire.uitd')).toEqual({
      fire: 'fire latching: fire: true red, again fire_count fire_place; 0/0 s',
      'guard-absent': 'guard: guard_absent: true yellow, again guard_missed guard_check; 0/0 s',
      'fire-frequent': 'trouble: fire=true 6 in 86400 s: yellow',
      supervision: 'supervisory: supervision: true orange, again supervision_count supervision_place; 0/0 s',
      fault: 'trouble: fault: true yellow, again fault_count fault_place; 0/0 s',
      shield: 'shield: shield: true yellow, again shield_count shield_place; 0/0 s',
      test: 'test: test: true blue; 0/0 s',
      'state-stale': 'link: stale fire 600 s: yellow',
      offline: 'link: offline 600 s: yellow',
      'link-flapping': 'link: flapping 3 in 600 s: yellow',
      'clock-skew': 'system: clock 60 s in 300 s: yellow',
    });
  });

  test('row 24, lift terminal', () => {
    expect(rulesOf('lift')).toEqual({
      'alarm-button': 'entrapment latching: alarmButton: true red; 0/0 s',
      'alarm-code': 'entrapment latching: eventCode: 90 red; 0/0 s',
      'entrapment-code': 'entrapment latching: faultCode: 11 red, 93 red; 0/0 s',
      'entrapment-suspected':
        'entrapment: running=false & inDoorZone=false & doorClosed=true & passengerPresent=true: red; 60/0 s',
      'fault-code':
        'trouble: faultCode: 1 orange, 2 yellow, 3 yellow, 4 yellow, 5 orange, 6 yellow, 7 yellow, 8 yellow,' +
        ' 9 orange, 10 orange, 91 orange, 92 orange, else yellow; 0/0 s',
      'mains-lost': 'trouble: mainsLost=true & passengerPresent=true: orange; 0/0 s',
      'mains-lost-code': 'trouble: eventCode=41 & passengerPresent=true: orange; 0/0 s',
      'test-call-missing': 'trouble: stale testCall 259200 s: blue',
      'state-stale': 'link: stale inDoorZone 300 s: yellow',
      offline: 'link: offline 300 s: yellow',
      'link-flapping': 'link: flapping 3 in 600 s: yellow',
      'clock-skew': 'system: clock 60 s in 300 s: yellow',
    });
  });

  test('devices of logic', () => {
    expect(rulesOf('voting.group')).toEqual({
      voted: 'process: voting 2, bad vote: red; 0/30 s',
      degraded: 'trouble: degraded voted: yellow, blind orange; 60/0 s',
    });
    expect(rulesOf('zone.fire')).toEqual({
      confirmed: 'fire latching: coincidence 2 in 120 s: red; 0/0 s',
      'first-detector': 'pre-alarm: coincidence 1 in 120 s: orange; 0/0 s',
    });
    expect(rulesOf('risk.area')).toEqual({ colour: 'process: colours 4/3/2; 0/30 s' });
  });

  test('an alarm at the lift ends by its own signal and not by the button coming back', () => {
    expect(profile('lift').events).toMatchObject({
      alarm_button: { alarmButton: true },
      end_of_alarm: { alarmButton: false, faultCode: 0, eventCode: 0 },
    });
  });

  test('points are spelled as in the table; its `level%` is levelPercent, since a key holds letters and digits', () => {
    expect(profile('gas.lel.point').points.map((point) => point.key)).toEqual([
      'conc',
      'fault',
      'calibrationDue',
    ]);
    expect(profile('tank.atm').points.map((point) => point.key)).toEqual([
      'level',
      'levelPercent',
      'temp',
      'valveIn',
      'valveOut',
    ]);
    expect(profile('fire.uitd').points.map((point) => point.key)).toEqual([
      'fire',
      'supervision',
      'fault',
      'shield',
      'test',
      'guard_absent',
      'guard_missed',
      'guard_check',
      ...['fire_count', 'supervision_count', 'fault_count', 'shield_count'],
      ...['fire_place', 'supervision_place', 'fault_place', 'shield_place'],
    ]);
  });
});

describe('provenance', () => {
  /** Counted on the parsed condition, so that the loader cannot lose one. */
  function numbersOf(condition: Condition): string[] {
    switch (condition.kind) {
      case 'limit':
        return [
          ...condition.limits.flatMap((one) => [`limits.${one.level}`, `limits.${one.level}.severity`]),
          'deadband',
          'onDelayMs',
          'offDelayMs',
        ];
      case 'discrete':
        return [
          ...condition.alarmValues.flatMap((one) => [
            `alarmValues.${one.level}`,
            `alarmValues.${one.level}.severity`,
          ]),
          ...(condition.normal ? ['normal', 'offNormalSeverity'] : []),
          'onDelayMs',
          'offDelayMs',
        ];
      case 'all':
        return [
          ...condition.terms.map((term) => `terms.${term.pointId}`),
          'severity',
          'onDelayMs',
          'offDelayMs',
        ];
      case 'stale':
      case 'offline':
        return ['afterMs', 'severity'];
      case 'clock':
        return ['limitMs', 'windowMs', 'severity'];
      case 'flapping':
        return ['count', 'windowMs', 'severity'];
      case 'voting':
        return ['need', 'onBad', 'severity', 'onDelayMs', 'offDelayMs'];
      case 'voting-degraded':
        return ['severity', 'blindSeverity', 'onDelayMs', 'offDelayMs'];
      case 'coincidence':
        return ['need', 'windowMs', 'severity', 'onDelayMs', 'offDelayMs'];
      case 'colours': {
        const counts = ['bluesToYellow', 'yellowsToOrange', 'orangesToRed'];
        return ['classes', ...counts, 'onDelayMs', 'offDelayMs'];
      }
      case 'deviation':
      case 'rate':
        return [
          ...(condition.kind === 'rate' ? ['windowMs', 'perMs'] : operandOf('setPoint', condition.setPoint)),
          ...condition.limits.flatMap((one) => [`limits.${one.level}`, `limits.${one.level}.severity`]),
          ...['deadband', 'onDelayMs', 'offDelayMs'],
        ];
      case 'band':
        return [
          ...operandOf('low', condition.low),
          ...operandOf('high', condition.high),
          ...['alarm', 'deadband', 'severity', 'onDelayMs', 'offDelayMs'],
        ];
      case 'frozen':
        return ['afterMs', 'severity'];
      case 'count':
        return ['values', 'count', 'windowMs', 'severity'];
      case 'discrepancy':
        return ['expectedMs', 'offDelayMs', 'severity'];
      case 'boolean':
        return [...logicNumbers('logic', condition.logic), 'severity', 'onDelayMs', 'offDelayMs'];
      default:
        throw new Error(`no numbers of ${condition.kind}`);
    }
  }

  const operandOf = (name: string, operand: Operand): string[] => ('value' in operand ? [name] : []);

  function logicNumbers(name: string, logic: Logic): string[] {
    switch (logic.is) {
      case 'and':
      case 'or':
        return logic.terms.flatMap((term, index) => logicNumbers(`${name}.terms.${index}`, term));
      case 'one-of':
        return [`${name}.values`];
      case 'not':
      case 'within':
        throw new Error(`no numbers of ${logic.is}`);
      default:
        return [...operandOf(`${name}.left`, logic.left), ...operandOf(`${name}.right`, logic.right)];
    }
  }

  test('every number of every rule and point says where it comes from', () => {
    for (const one of catalogue.profiles()) {
      for (const each of one.rules) {
        expect([one.key, each.key, each.provenance.map((entry) => entry.of).sort()]).toEqual([
          one.key,
          each.key,
          [
            ...numbersOf(each.condition),
            ...(each.enabledWhen ? logicNumbers('enabledWhen', each.enabledWhen) : []),
          ].sort(),
        ]);
      }
      const numbers = one.points.flatMap((point) => [
        ...(point.min === undefined ? [] : [`points.${point.key}.min`, `points.${point.key}.max`]),
        ...(point.span ? [`points.${point.key}.span.min`, `points.${point.key}.span.max`] : []),
        ...(point.decimals === undefined ? [] : [`points.${point.key}.decimals`]),
      ]);
      const attributes = one.attributes.map(({ key }) => `attributes.${key}`);
      expect(one.provenance.map((entry) => entry.of).sort()).toEqual([...numbers, ...attributes].sort());
    }
  });

  test('no number stands in a file outside a sourced mapping', async () => {
    for (const name of (await readdir(DIRECTORY)).filter((each) => each.endsWith('.yaml'))) {
      const file = parse(await readFile(path.join(DIRECTORY, name), 'utf8')) as Record<string, unknown>;
      const bare = (node: unknown, at: string): string[] => {
        if (typeof node === 'number') return [at];
        if (typeof node !== 'object' || node === null) return [];
        if ('value' in node && 'from' in node) return [];
        return Object.entries(node).flatMap(([key, child]) => bare(child, `${at}.${key}`));
      };
      expect([name, bare(file['points'], 'points'), bare(file['rules'], 'rules')]).toEqual([name, [], []]);
    }
  });

  test('the set-points of gas are second-hand and say so; colours, template and silence are ours', () => {
    const of = (profileKey: string, key: string, name: string) =>
      rule(profileKey, key).provenance.find((entry) => entry.of === name);
    expect(of('gas.lel.point', 'conc-high', 'limits.H')).toMatchObject({
      source: 'GB/T 50493-2019 §5.5.2',
      confidence: 'secondary',
    });
    expect(of('gas.lel.point', 'conc-high', 'limits.H.severity')?.confidence).toBe('default');
    expect(of('gas.lel.point', 'conc-drift', 'limits.L')?.confidence).toBe('default');
    for (const level of ['HH', 'H', 'L', 'LL']) {
      expect(of('tank.atm', 'level-percent', `limits.${level}`)?.confidence).toBe('default');
    }
    expect(of('fire.uitd', 'state-stale', 'afterMs')?.confidence).toBe('memory');
    expect(of('lift', 'fault-code', 'alarmValues.05')?.confidence).toBe('secondary');
    expect(of('lift', 'entrapment-code', 'alarmValues.11')?.confidence).toBe('memory');
  });

  test('no colour claims a standard', () => {
    for (const one of catalogue.profiles().flatMap((each) => each.rules)) {
      for (const entry of one.provenance) {
        if (/severity/i.test(entry.of)) expect(entry.confidence).toBe('default');
      }
    }
  });
});

test('every profile of hardware finds its own silence: a stale and an offline rule, class link', () => {
  for (const one of catalogue.profiles().filter(({ logic }) => !logic)) {
    const silent = one.rules.filter((each) => ['stale', 'offline'].includes(each.condition.kind));
    expect(new Set(silent.map((each) => each.condition.kind))).toEqual(new Set(['stale', 'offline']));
  }
});

describe('a broken file', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'catalogue-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  async function problemsOf(change: (file: string) => string): Promise<string[]> {
    const original = await readFile(path.join(DIRECTORY, 'gas.lel.point.yaml'), 'utf8');
    await writeFile(path.join(directory, 'gas.yaml'), change(original));
    const error = await Catalogue.load(directory).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof CatalogueError)) throw new Error('was accepted', { cause: error });
    return error.problems.map((one) => `${path.basename(one.file)} ${one.path}: ${one.message}`);
  }

  test('a threshold without provenance is refused', async () => {
    const problems = await problemsOf((file) => file.replace('{ value: 25, from: set-point }', '25'));
    expect(problems).toEqual([expect.stringContaining('rules.0.condition.limits.H.limit')]);
  });

  test('everything that is wrong is said at once, with file and path', async () => {
    const problems = await problemsOf((file) =>
      file
        .replace('from: set-point', 'from: hearsay')
        .replace('value: 25,', 'value: 75,')
        .replace('calibration_due: { calibrationDue: true }', 'calibration_due: { dueDate: true }')
        .replace('kind: offline', 'kind: stale\n      point: nothing'),
    );
    expect(problems).toEqual(
      expect.arrayContaining([
        'gas.yaml rules.0.condition.limits.HH.limit.from: source hearsay does not exist',
        'gas.yaml rules.0.condition.limits: must rise from LL over L and H to HH',
        'gas.yaml events.calibration_due.dueDate: dueDate is no point of this profile',
        'gas.yaml rules: a profile without a rule of kind offline is blind without saying so',
        'gas.yaml rules.5.condition.point: nothing is no point of this profile',
      ]),
    );
    expect(problems).toHaveLength(5);
  });

  test('an unknown key, a duplicate key and text that is not YAML are refused', async () => {
    expect(await problemsOf((file) => file.replace('version: 2', 'version: 2\ncolour: red'))).toEqual([
      expect.stringContaining('colour'),
    ]);
    expect(await problemsOf((file) => `${file}\nversion: 2\n`)).toHaveLength(1);
    expect(await problemsOf(() => '{ key: [')).not.toHaveLength(0);
  });

  test('a window of no time and a single take-over are refused', async () => {
    const problems = await problemsOf((file) =>
      file
        .replace('windowSeconds: { value: 300,', 'windowSeconds: { value: 0,')
        .replace('count: { value: 3,', 'count: { value: 1,'),
    );
    expect(problems).toEqual([
      expect.stringContaining('rules.6.condition.count.value'),
      expect.stringContaining('rules.7.condition.windowSeconds.value'),
    ]);
  });

  test('[RU16] a vote that the fewest members could never win is refused', async () => {
    const group = await readFile(path.join(DIRECTORY, 'voting.group.yaml'), 'utf8');
    const problems = await problemsOf(() => group.replace('need: { value: 2,', 'need: { value: 3,'));
    expect(problems).toEqual([
      'gas.yaml rules.0.condition.need.value: 3 of 2 is impossible, and input may have as few members',
    ]);
  });

  test('an empty directory is no catalogue', async () => {
    const empty = await mkdtemp(path.join(tmpdir(), 'catalogue-'));
    await expect(Catalogue.load(empty)).rejects.toThrow('holds no profile');
    await rm(empty, { recursive: true });
  });
});
