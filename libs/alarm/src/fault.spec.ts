import { expect, test } from '@jest/globals';
import { fault, faultIn, faultText } from './fault.js';

test('[AL29] a fault is a code with parameters, and has its words in both languages', () => {
  const unknown = fault('point_unknown', { point: '"a.on"' });
  expect(faultText(unknown)).toEqual({
    zh: '本场所没有设备有测点 "a.on"',
    en: 'no device of the site has a point "a.on"',
  });
  expect(faultText(faultIn('enabling', unknown))).toEqual({
    zh: '使能条件：本场所没有设备有测点 "a.on"',
    en: 'what enables it: no device of the site has a point "a.on"',
  });
});
