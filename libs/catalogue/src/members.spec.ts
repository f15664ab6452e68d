import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Condition } from '@watchfire/alarm';
import { type DeviceMember } from '@watchfire/contracts';
import { Catalogue } from './catalogue.js';
import { deviceConfiguration } from './device-configuration.js';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await Catalogue.load('config/catalogue');
});

function conditionsOf(key: string, members: readonly DeviceMember[]): Condition[] {
  const profile = catalogue.profile(key);
  if (profile === undefined) throw new Error(`no profile ${key}`);
  const device = {
    id: 'g',
    siteId: 's',
    profile: key,
    name: 'g',
    address: null,
    dialect: 'standard',
    disabled: false,
    createdAt: 0,
    gatewayId: null,
    wireName: null,
    keys: {},
    members,
  };
  const site = { kind: null, gridCode: null, longitude: null, latitude: null, createdAt: 0 };
  const context = {
    device,
    site: { ...site, id: 's', name: 's', enterpriseId: 'e' },
    enterprise: { id: 'e', name: 'e', createdAt: 0 },
  };
  return deviceConfiguration(context, profile, []).rules.map(({ condition }) => condition);
}

describe('the members of a device of logic', () => {
  it('stand in its rules, in one order, with the value at which each counts', () => {
    const members = [
      { role: 'input', pointId: 'd2.level', atLeast: 90 },
      { role: 'input', pointId: 'd1.on' },
      { role: 'input', pointId: 'd3.state', values: ['high'] },
    ];
    const votes = [
      { pointId: 'd1.on', values: [true] },
      { pointId: 'd2.level', atLeast: 90 },
      { pointId: 'd3.state', values: ['high'] },
    ];
    const conditions = conditionsOf('voting.group', members);
    expect(conditions).toMatchObject([
      { kind: 'voting', members: votes, need: 2, onBad: 'vote' },
      // It speaks of the vote as it is.
      { kind: 'voting-degraded', members: votes, need: 2, onBad: 'vote' },
    ]);
    expect(conditionsOf('voting.group', members.toReversed())).toEqual(conditions);
  });

  it('of a risk area are points, whose alarms say their colours', () => {
    const members = ['b.x', 'a.x'].map((pointId) => ({ role: 'point', pointId }));
    expect(conditionsOf('risk.area', members)).toMatchObject([{ kind: 'colours', members: ['a.x', 'b.x'] }]);
  });
});
