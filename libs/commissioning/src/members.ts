import { type Catalogue, type Profile, type ProfilePoint, type ProfileRole } from '@watchfire/catalogue';
import { type DeviceMember } from '@watchfire/contracts';
import { type Registry } from '@watchfire/registry';
import { CommissioningError } from './errors.js';

export interface Membership {
  readonly siteId: string;
  readonly profile: Profile;
  readonly members: readonly DeviceMember[];
}

/**
 * A device of logic may read points of its own site, each once in a role, in words that the point understands. A point may
 * be chosen before its rules are: too few members make a rule that is blind, and says so, never one that is refused.
 *
 * @throws CommissioningError `members_invalid`.
 */
export async function checkMembers(
  registry: Registry,
  catalogue: Catalogue,
  { siteId, profile, members }: Membership,
): Promise<void> {
  if (members.length > 0 && !profile.logic) {
    throw invalid(`${profile.key} measures by itself: only a profile of logic has members.`);
  }
  const taken = new Set<string>();
  for (const member of members) {
    const { role: key, pointId } = member;
    const role = profile.roles.find((one) => one.key === key);
    if (role === undefined) throw invalid(`${profile.key} has no role ${key}.`);
    if (taken.has(`${key} ${pointId}`)) throw invalid(`${pointId} is ${key} twice.`);
    taken.add(`${key} ${pointId}`);
    checkTest(role, member, await pointAt(registry, catalogue, siteId, pointId));
  }
}

async function pointAt(
  registry: Registry,
  catalogue: Catalogue,
  siteId: string,
  pointId: string,
): Promise<ProfilePoint> {
  const [deviceId = '', key] = pointId.split('.');
  const device = await registry.devices.find(deviceId);
  const point =
    device?.siteId === siteId
      ? catalogue.profile(device.profile)?.points.find((one) => one.key === key)
      : undefined;
  if (point === undefined) throw invalid(`The site has no point ${pointId}.`);
  return point;
}

function checkTest(role: ProfileRole, member: DeviceMember, point: ProfilePoint): void {
  const { pointId, values, atLeast, atMost } = member;
  const hasLimit = (atLeast ?? atMost) !== undefined;
  if (role.reads === 'alarms') {
    if (values !== undefined || hasLimit) {
      throw invalid(
        `${pointId} is judged by its own alarms as ${role.key}: no value or limit is to be given.`,
      );
    }
    return;
  }
  if (hasLimit && point.type !== 'number') throw invalid(`${pointId} is a ${point.type}: it has no limit.`);
  const wrong = values?.find((value) => typeof value !== point.type);
  if (wrong !== undefined)
    throw invalid(`${pointId} is a ${point.type}, and never ${JSON.stringify(wrong)}.`);
  if (values === undefined && !hasLimit && point.type !== 'boolean') {
    throw invalid(`${pointId} is a ${point.type}: say at which value it counts (values, atLeast or atMost).`);
  }
}

function invalid(message: string): CommissioningError {
  return new CommissioningError('members_invalid', message);
}
