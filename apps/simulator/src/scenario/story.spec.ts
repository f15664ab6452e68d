import { expect, test } from '@jest/globals';
import { type DemoScenario } from '@watchfire/catalogue';
import { ManualClock } from '../../test/manual-clock.js';
import { Scheduler } from '../field/scheduler.js';
import { Story } from './story.js';

const scenario = (key: string): DemoScenario => ({
  key,
  title: { zh: key, en: key },
  description: { zh: key, en: key },
  steps: [{ at: 100, do: 'release', device: 'dev-1' }],
});

test('plays one after the other, the first after fifteen seconds, and gives every device back', () => {
  const clock = new ManualClock();
  const start = clock.now();
  const told: string[] = [];
  const at = (what: string): number => told.push(`${(clock.now() - start) / 1000} ${what}`);
  const stage = {
    play: ({ key }: DemoScenario): number => {
      at(`play ${key}`);
      return clock.now() + 100_000;
    },
    release: ({ key }: DemoScenario): void => void at(`release ${key}`),
  };
  const story = new Story([scenario('a'), scenario('b')], stage, new Scheduler(clock), ({ key }) =>
    at(`tell ${key}`),
  );
  story.start();
  clock.pass(600_000);
  expect(told).toEqual([
    '15 tell a',
    '15 play a',
    '175 release a',
    '265 tell b',
    '265 play b',
    '425 release b',
    '515 tell a',
    '515 play a',
  ]);
});
