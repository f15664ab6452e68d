import { type Condition, type Rule, type Vote } from '@watchfire/alarm';
import { type DeviceMember } from '@watchfire/contracts';

type GroupCondition = Extract<Condition, { readonly members: unknown }>;

/** The members of its role in the place of the name of the role; in code-unit order, whatever order they were chosen in. */
export function withMembers(condition: GroupCondition, members: readonly DeviceMember[]): GroupCondition {
  if (condition.kind === 'colours') {
    const roles: readonly string[] = condition.members;
    const ids = members.filter(({ role }) => roles.includes(role)).map(({ pointId }) => pointId);
    return { ...condition, members: ids.toSorted(byCodeUnit) };
  }
  const roles = condition.members.map(({ pointId }) => pointId);
  return {
    ...condition,
    members: members
      .filter(({ role }) => roles.includes(role))
      .map(voteOf)
      .toSorted((a, b) => byCodeUnit(a.pointId, b.pointId)),
  };
}

/** A rule about a degraded vote speaks of the vote as it is. */
export function withVotes<R extends Pick<Rule, 'key' | 'condition'>>(rules: readonly R[]): R[] {
  return rules.map((rule) => {
    const { condition } = rule;
    if (condition.kind !== 'voting-degraded') return rule;
    const voted = rules.find(({ key }) => key === condition.of)?.condition;
    if (voted?.kind !== 'voting') return rule;
    const { members, need, onBad } = voted;
    return { ...rule, condition: { ...condition, members, need, onBad } };
  });
}

function voteOf({ pointId, values, atLeast, atMost }: DeviceMember): Vote {
  if (values !== undefined) return { pointId, values };
  if (atLeast === undefined && atMost === undefined) return { pointId, values: [true] };
  return {
    pointId,
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(atMost === undefined ? {} : { atMost }),
  };
}

function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
