import { toGroupCondition } from './group-conditions.js';
import { toLimits } from './ladder-file.js';
import { toLogic } from './logic-file.js';
import { type CatalogueCondition, type CatalogueRule, type Profile, type ProfilePoint } from './model.js';
import { toNumberCondition } from './number-conditions.js';
import { type ConditionFile, type PointFile, type ProfileFile, type RuleFile } from './profile-schema.js';
import { countedDelaysOf, ProvenanceList, type Sourced, type Sources } from './provenance-list.js';
import { toStateCondition } from './state-conditions.js';

/** Splits a checked file into what the engine evaluates and where each number of it comes from. */
export function toProfile(file: ProfileFile): Profile {
  const provenance = new ProvenanceList(file.sources);
  return {
    key: file.key,
    version: file.version,
    name: file.name,
    logic: file.logic,
    roles: file.roles,
    points: file.points.map((point) => toPoint(point, provenance)),
    attributes: (file.attributes ?? []).map(({ key, name, unit, value }) => ({
      key,
      name,
      unit,
      value: provenance.take(`attributes.${key}`, value),
    })),
    events: file.events,
    rules: file.rules.map((rule) => toRule(rule, file.sources)),
    provenance: provenance.entries,
    file,
  };
}

function toPoint(point: PointFile, provenance: ProvenanceList): ProfilePoint {
  const take = <T>(of: string, sourced: Sourced<T>): T =>
    provenance.take(`points.${point.key}.${of}`, sourced);
  return {
    key: point.key,
    name: point.name,
    unit: point.unit,
    type: point.type,
    ...(point.plausible && {
      min: take('min', point.plausible.min),
      max: take('max', point.plausible.max),
    }),
    ...(point.span && {
      span: { min: take('span.min', point.span.min), max: take('span.max', point.span.max) },
    }),
    ...(point.decimals && { decimals: take('decimals', point.decimals) }),
    ...(point.reorderSeconds && {
      reorderMs: provenance.milliseconds(`points.${point.key}.reorderMs`, point.reorderSeconds),
    }),
  };
}

/** `sources` must have whatever the rule's values come `from`. */
export function toRule(rule: RuleFile, sources: Sources): CatalogueRule {
  const provenance = new ProvenanceList(sources);
  return {
    key: rule.key,
    class: rule.class,
    title: rule.title,
    guidance: rule.guidance,
    enabled: rule.enabled,
    latching: rule.latching,
    rationalisation: rule.rationalisation,
    condition: toCondition(rule.condition, provenance),
    ...(rule.enabledWhen && { enabledWhen: toLogic('enabledWhen', rule.enabledWhen, provenance) }),
    provenance: provenance.entries,
    file: rule,
  };
}

function toCondition(condition: ConditionFile, provenance: ProvenanceList): CatalogueCondition {
  switch (condition.kind) {
    case 'limit':
      return {
        kind: 'limit',
        pointId: condition.point,
        limits: toLimits(condition, provenance),
        ...countedDelaysOf(condition, provenance),
      };
    case 'discrete':
      return {
        kind: 'discrete',
        pointId: condition.point,
        alarmValues: condition.alarms.flatMap((alarm) => {
          const values = provenance.take(`alarmValues.${alarm.level}`, alarm.values);
          const severity = provenance.severity(`alarmValues.${alarm.level}.severity`, alarm.priority);
          return values.map((value) => ({ value, level: alarm.level, severity }));
        }),
        ...(condition.normal && { normal: provenance.take('normal', condition.normal) }),
        ...(condition.unknown && {
          offNormalSeverity: provenance.severity('offNormalSeverity', condition.unknown),
        }),
        ...(condition.again && {
          again: {
            countId: condition.again.count,
            ...(condition.again.place !== undefined && { placeId: condition.again.place }),
          },
        }),
        ...countedDelaysOf(condition, provenance),
      };
    case 'all':
      return {
        kind: 'all',
        terms: condition.terms.map((term) => ({
          pointId: term.point,
          values: provenance.take(`terms.${term.point}`, term.values),
        })),
        level: condition.level,
        severity: provenance.severity('severity', condition.priority),
        ...countedDelaysOf(condition, provenance),
      };
    case 'stale':
      return {
        kind: 'stale',
        pointId: condition.point,
        afterMs: provenance.milliseconds('afterMs', condition.afterSeconds),
        severity: provenance.severity('severity', condition.priority),
      };
    case 'offline':
      return {
        kind: 'offline',
        afterMs: provenance.milliseconds('afterMs', condition.afterSeconds),
        severity: provenance.severity('severity', condition.priority),
      };
    case 'clock':
      return {
        kind: 'clock',
        limitMs: provenance.milliseconds('limitMs', condition.limitSeconds),
        windowMs: provenance.milliseconds('windowMs', condition.windowSeconds),
        severity: provenance.severity('severity', condition.priority),
      };
    case 'flapping':
      return {
        kind: 'flapping',
        count: provenance.take('count', condition.count),
        windowMs: provenance.milliseconds('windowMs', condition.windowSeconds),
        severity: provenance.severity('severity', condition.priority),
      };
    case 'voting':
    case 'voting-degraded':
    case 'coincidence':
    case 'colours':
      return toGroupCondition(condition, provenance);
    case 'deviation':
    case 'band':
    case 'rate':
    case 'derived':
    case 'drift':
      return toNumberCondition(condition, provenance);
    default:
      return toStateCondition(condition, provenance);
  }
}
