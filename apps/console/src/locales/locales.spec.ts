import { expect, test } from '@jest/globals';
import {
  ALARM_CLASSES,
  ALARM_EVENT_TYPES,
  ALARM_STATES,
  APPROVAL_STATES,
  BACK_TEST_ASSUMPTIONS,
  BACK_TEST_STATES,
  CLAIM_STATES,
  COMMAND_STATES,
  COMPONENT_CONDITIONS,
  CONFIRMATIONS,
  CREDENTIAL_KINDS,
  EXPOSURE_KIND_NAMES,
  FIGURE_GROUPINGS,
  FIRE_DUTIES,
  FIRE_UNIT_KINDS,
  PRIORITIES,
  ROLES,
  STANDARD_COMMANDS,
} from '@watchfire/contracts';
import { FIGURE_NAMES, FIGURE_SECTION_NAMES } from '../figures/figure-rows.js';
import { RANGE_CHOICES } from '../figures/range.js';
import { COMPARED } from '../rules/comparison.js';
import { VALUE_NAMES } from '../rules/rule-form.js';
import { en } from './en.js';
import { zh } from './zh.js';

const flat = (texts: object, path = ''): [string, string][] =>
  Object.entries(texts).flatMap(([key, text]: [string, unknown]) =>
    typeof text === 'string' ? [[`${path}${key}`, text]] : flat(text as object, `${path}${key}.`),
  );
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();

const chinese = new Map(flat(zh));
const english = new Map(flat(en));

test('both languages have the same texts, and none is empty', () => {
  expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  for (const [key, text] of [...chinese, ...english]) expect([key, text.trim()]).not.toEqual([key, '']);
});

test('a text names the same facts in both languages', () => {
  for (const [key, text] of chinese) {
    expect([key, placeholders(english.get(key) ?? '')]).toEqual([key, placeholders(text)]);
  }
});

test('no text has a character that the message format takes for its own', () => {
  for (const [key, text] of [...chinese, ...english]) expect([key, /[@|$]/.test(text)]).toEqual([key, false]);
});

test('everything that the contract can name has a name', () => {
  const named = (prefix: string, keys: readonly string[]): void => {
    for (const key of keys)
      expect([`${prefix}.${key}`, chinese.has(`${prefix}.${key}`)]).toEqual([`${prefix}.${key}`, true]);
  };
  named('state', ALARM_STATES);
  named('class', ALARM_CLASSES);
  named('priority', PRIORITIES);
  named('event', ALARM_EVENT_TYPES);
  named('role', ROLES);
  named('credential.kind', CREDENTIAL_KINDS);
  named('credential.use', CREDENTIAL_KINDS);
  named('claim.states', CLAIM_STATES);
  named('exposure.kind', EXPOSURE_KIND_NAMES);
  named('figure.name', FIGURE_NAMES);
  named('figure.section', FIGURE_SECTION_NAMES);
  named('figure.ranges', RANGE_CHOICES);
  named('figure.by', FIGURE_GROUPINGS);
  named('trial.state', BACK_TEST_STATES);
  named('trial.assumption', BACK_TEST_ASSUMPTIONS);
  named('trial.figure', COMPARED);
  named('rule.value', VALUE_NAMES);
  named('approval.state', APPROVAL_STATES);
  named('unit.kind', FIRE_UNIT_KINDS);
  named('unit.duty', FIRE_DUTIES);
  named('unit.condition', COMPONENT_CONDITIONS);
  named('unit.mark', COMPONENT_CONDITIONS);
  named('acceptance.confirmation', CONFIRMATIONS);
  named('command.state', COMMAND_STATES);
  named('command.named', STANDARD_COMMANDS);
});
