import { expect, test } from '@jest/globals';
import { Catalogue } from './catalogue.js';
test('loads', async () => {
  const c = await Catalogue.load('config/catalogue');
  expect(c.profiles().map((p) => p.key)).toEqual(['fire.uitd', 'gas.lel.point', 'lift', 'tank.atm']);
});
