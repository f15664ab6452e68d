import { expect, test } from '@jest/globals';
import { problemsOfYaml } from '../spec/yaml-profile.js';

/** What a person reads who has written a rule that cannot be: file, path, and what is wrong. */
const D = 'onDelaySeconds: $0, offDelaySeconds: $0';
const H = `limits: { H: { limit: $10, priority: $red } }, deadband: $1, ${D}`;
const P = 'priority: $red';

test.each<[what: string, rule: string, path: string, message: string]>([
  [
    'a point that is not there',
    `kind: deviation, point: level, setPoint: $1, ${H}`,
    'point',
    'level is no point of this profile',
  ],
  [
    'a state as a number',
    `kind: deviation, point: running, setPoint: $1, ${H}`,
    'point',
    'running is a boolean, and this needs a number',
  ],
  [
    'a set-point that is not there',
    `kind: deviation, point: pressure, setPoint: { point: level }, ${H}`,
    'setPoint.point',
    'level is no point of this profile',
  ],
  [
    'a set-point in another unit',
    `kind: deviation, point: pressure, setPoint: { point: flow }, ${H}`,
    'setPoint.point',
    'flow is in m³/h, pressure in kPa',
  ],
  [
    'a set-point that is no number',
    `kind: deviation, point: pressure, setPoint: { attribute: owner }, ${H}`,
    'setPoint.attribute',
    'owner is a string, and this needs a number',
  ],
  [
    'an attribute that is not there',
    `kind: deviation, point: pressure, setPoint: { attribute: height }, ${H}`,
    'setPoint.attribute',
    'height is no attribute of this profile',
  ],
  [
    'a set-point of another shape',
    `kind: deviation, point: pressure, setPoint: 5, ${H}`,
    'setPoint',
    'must be { value, from }, { point } or { attribute }, the latter two with a fallback or without',
  ],
  [
    'a low deviation above 0',
    `kind: deviation, point: pressure, setPoint: $1, limits: { L: { limit: $10, ${P} } }, deadband: $1, ${D}`,
    'limits.L.limit.value',
    'a low limit must be below 0',
  ],
  [
    'a limit by what is in another unit',
    `kind: limit, point: pressure, limits: { H: { limit: $10, by: { attribute: designFlow }, ${P} } }, deadband: $1, ${D}`,
    'limits.H.by.attribute',
    'designFlow is in m³/h, pressure in kPa',
  ],
  [
    'limits in the wrong order',
    `kind: limit, point: pressure, limits: { H: { limit: $10, ${P} }, HH: { limit: $9, ${P} } }, deadband: $1, ${D}`,
    'limits',
    'must rise from LL over L and H to HH',
  ],
  [
    'words of a limit that does not stand apart',
    `kind: limit, point: pressure, limits: { H: { limit: $10, ${P}, title: { zh: 高, en: high } } }, deadband: $1, ${D}`,
    'limits.H.title',
    'only of a limit that stands apart (`exclusive: false`)',
  ],
  [
    'a count without an on-delay',
    `kind: limit, point: pressure, ${H}, onCount: $3`,
    'onCount',
    'a count of samples needs an on-delay to count in',
  ],
  [
    'occurrences that are counted by no number',
    `kind: discrete, point: running, alarms: [{ values: $[true], level: x, ${P} }], again: { count: mode, place: mode }, ${D}`,
    'again.count',
    'mode is no number of this profile',
  ],
  [
    'an empty band',
    `kind: band, point: pressure, alarm: $outside, low: $5, high: $5, deadband: $0, ${P}, ${D}`,
    'high',
    'the high end of the band must be above the low one',
  ],
  [
    'an end of a band in another unit',
    `kind: band, point: pressure, alarm: $outside, low: { point: flow }, high: $5, deadband: $0, ${P}, ${D}`,
    'low.point',
    'flow is in m³/h, pressure in kPa',
  ],
  [
    'a rate whose limit is no rate',
    `kind: rate, point: pressure, windowSeconds: $60, per: $minute, limits: { H: { limit: $10, by: { point: setPressure }, ${P} } }, deadband: $1, ${D}`,
    'limits.H.by.point',
    'setPressure is in kPa, the rate of pressure in kPa/min',
  ],
  [
    'an expression that does not parse',
    `kind: derived, expression: $"a +", variables: { a: flow }, ${H}`,
    'expression.value',
    'Expected expression after + at character 3',
  ],
  [
    'an expression with an unknown name',
    `kind: derived, expression: $"a + b", variables: { a: flow }, ${H}`,
    'expression.value',
    'there is no variable "b"',
  ],
  [
    'an expression that reaches into the program',
    `kind: derived, expression: $"a.constructor", variables: { a: flow }, ${H}`,
    'expression.value',
    'MemberExpression is not part of the language',
  ],
  [
    'a variable of a point that is not there',
    `kind: derived, expression: $"a", variables: { a: level }, ${H}`,
    'variables.a',
    'level is no point of this profile',
  ],
  [
    'a target in another unit',
    `kind: drift, point: pressure, target: { attribute: designFlow }, direction: $up, slack: $1, threshold: $5, ${P}`,
    'target.attribute',
    'designFlow is in m³/h, pressure in kPa',
  ],
  [
    'bits of a state',
    `kind: bits, point: running, bits: [{ mask: $1, level: a, ${P} }], ${D}`,
    'point',
    'running is a boolean, and this needs a number',
  ],
  [
    'a level twice',
    `kind: bits, point: word, bits: [{ mask: $1, level: a, ${P} }, { mask: $2, level: a, ${P} }], ${D}`,
    'bits.1.level',
    'the level a is there twice',
  ],
  [
    'a mask of no bit',
    `kind: bits, point: word, bits: [{ mask: $0, level: a, ${P} }], ${D}`,
    'bits.0.mask.value',
    'Too small: expected number to be >=1',
  ],
  [
    'a tolerance of a state',
    `kind: change, point: mode, tolerance: $1, holdSeconds: $60, ${P}`,
    'tolerance',
    'mode is a string, which has no tolerance',
  ],
  [
    'a feedback of another type',
    `kind: discrepancy, command: command, feedback: mode, expectedSeconds: $10, offDelaySeconds: $0, ${P}`,
    'feedback',
    'mode is a string and command a boolean: `pairs` must say which belong together',
  ],
  [
    'a feedback in another unit',
    `kind: discrepancy, command: setPressure, feedback: flow, expectedSeconds: $10, offDelaySeconds: $0, ${P}`,
    'feedback',
    'flow is in m³/h, setPressure in kPa',
  ],
  [
    'a pair of another type',
    `kind: discrepancy, command: command, feedback: mode, pairs: [{ command: 1, feedback: $auto }], expectedSeconds: $10, offDelaySeconds: $0, ${P}`,
    'pairs.0.command',
    '1 is not of the type of command, a boolean',
  ],
  [
    'its own feedback',
    `kind: discrepancy, command: running, feedback: running, expectedSeconds: $10, offDelaySeconds: $0, ${P}`,
    'feedback',
    'running cannot be its own feedback',
  ],
  [
    'frozen after no time',
    `kind: frozen, point: pressure, afterSeconds: $0, ${P}`,
    'afterSeconds.value',
    'Too small: expected number to be >0',
  ],
  [
    'a count of another type',
    `kind: count, point: running, values: $[1], count: $2, windowSeconds: $60, ${P}`,
    'values',
    '1 is not of the type of running, a boolean',
  ],
  [
    'a count of one',
    `kind: value-flapping, point: running, count: $1, windowSeconds: $60, ${P}`,
    'count.value',
    'Too small: expected number to be >=2',
  ],
  [
    'logic of another name',
    `kind: boolean, logic: { is: xor, terms: [] }, level: a, ${P}, ${D}`,
    'logic.is',
    'must be one of and, or, not, one-of, within, <, <=, >, >=, = and !=',
  ],
  [
    'logic about a point that is not there',
    `kind: boolean, logic: { is: not, term: { is: one-of, point: level, values: $[1] } }, level: a, ${P}, ${D}`,
    'logic.term.point',
    'level is no point of this profile',
  ],
  [
    'a comparison of two units',
    `kind: boolean, logic: { is: '<', left: { point: flow }, right: { point: pressure } }, level: a, ${P}, ${D}`,
    'logic.right',
    'flow is in m³/h, pressure in kPa',
  ],
  [
    'a comparison of two types',
    `kind: boolean, logic: { is: '=', left: { point: mode }, right: $5 }, level: a, ${P}, ${D}`,
    'logic.right',
    'mode is a string and 5 is a number',
  ],
  [
    'an order of states',
    `kind: boolean, logic: { is: '<', left: { point: mode }, right: $auto }, level: a, ${P}, ${D}`,
    'logic.is',
    'only numbers have an order, and mode is a string',
  ],
  [
    'a zone that is not there',
    `kind: boolean, logic: { is: within, zone: $Asia/Atlantis, spans: $["Mo 08:00-18:00"] }, level: a, ${P}, ${D}`,
    'logic.zone',
    'Asia/Atlantis is no time zone (IANA), as Asia/Shanghai',
  ],
  [
    'a day that is not there',
    `kind: boolean, logic: { is: within, zone: $UTC, spans: $["Mo 08:00-18:00", "Xx 08:00-18:00"] }, level: a, ${P}, ${D}`,
    'logic.spans.value.1',
    'Xx is no day of the week: Mo, Tu, We, Th, Fr, Sa, Su',
  ],
  [
    'days the wrong way round',
    `kind: boolean, logic: { is: within, zone: $UTC, spans: $["Fr-Mo 08:00-18:00"] }, level: a, ${P}, ${D}`,
    'logic.spans.value.0',
    'Fr-Mo is no range of days',
  ],
  [
    'a time that is not there',
    `kind: boolean, logic: { is: within, zone: $UTC, spans: $["Mo 24:00-25:00"] }, level: a, ${P}, ${D}`,
    'logic.spans.value.0',
    '24:00 is no time at which a day can begin',
  ],
  [
    'a span of another form',
    `kind: boolean, logic: { is: within, zone: $UTC, spans: $["weekdays 8-18"] }, level: a, ${P}, ${D}`,
    'logic.spans.value.0',
    '"weekdays 8-18" is not of the form "Mo-Fr 08:00-18:00"',
  ],
])('[RU16] %s', (_what, condition, path, message) => {
  expect(problemsOfYaml(`condition: { ${condition} }`)).toEqual([
    `pump.yaml: rules.2.condition.${path}: ${message}`,
  ]);
});

test('what enables a rule is checked as a condition is', () => {
  const condition = `condition: { kind: limit, point: pressure, ${H} }`;
  expect(
    problemsOfYaml(
      `${condition}, enabledWhen: { is: or, terms: [{ is: one-of, point: level, values: $[1] }] }`,
    ),
  ).toEqual(['pump.yaml: rules.2.enabledWhen.terms.0.point: level is no point of this profile']);
  expect(
    problemsOfYaml(
      `${condition}, enabledWhen: { is: one-of, point: running, values: { value: [true], from: hearsay } }`,
    ),
  ).toEqual(['pump.yaml: rules.2.enabledWhen.values.from: source hearsay does not exist']);
});

test('[RU18] limits that stand apart must not take the key of another rule', () => {
  const limits = `condition: { kind: limit, point: pressure, ${H}, exclusive: false }`;
  const change = 'condition: { kind: change, point: mode, holdSeconds: $60, priority: $blue }';
  const about = 'class: process, title: { zh: 题, en: Title }, guidance: { zh: 查, en: look }';
  expect(problemsOfYaml(`${limits} }\n  - { key: r-h, ${about}, ${change}`)).toEqual([
    'pump.yaml: rules.3.key: r-h is there twice',
  ]);
});
