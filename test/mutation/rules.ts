import { type Mutation } from './mutation.js';

const ALARM = 'libs/alarm/src';

/** In `libs/alarm`; `specs` are names beside the code. */
function rule(
  name: string,
  about: string,
  file: string,
  change: readonly [find: string, replace: string],
  specs: readonly string[],
): Mutation {
  const [find, replace] = change;
  const paths = specs.map((spec) => `${ALARM}/${spec}.spec.ts`);
  return { name, rule: about, file: `${ALARM}/${file}.ts`, find, replace, specs: paths };
}

/** What lies over an alarm, and what people do. */
const COVERS: readonly Mutation[] = [
  rule(
    'heard-under-a-cover',
    'AL43, row 2',
    'annunciation',
    [
      'row.announces === true && !variables.acked && !isSuppressedOrShelved(variables)',
      'row.announces === true && !variables.acked',
    ],
    ['annunciation'],
  ),
  rule(
    'shelved-before-suppressed',
    'AL40',
    'annunciation',
    [`  if (alarm.suppressedByDesign) return 'DSUPR';\n`, ''],
    ['annunciation'],
  ),
  rule(
    'unconfirmed-leaves-the-list',
    'AL41',
    'annunciation',
    [
      '(alarm.active || !alarm.acked || !alarm.confirmed || alarm.latched)',
      '(alarm.active || !alarm.acked || alarm.latched)',
    ],
    ['annunciation'],
  ),
  rule(
    'new-occurrence-is-confirmed',
    'AL44',
    'annunciation',
    ['after.confirmed = !facts.policy.confirm', 'after.confirmed = true'],
    ['annunciation'],
  ),
  rule(
    'silence-outlives-an-announcement',
    'AL45',
    'annunciation',
    [
      'if (after.acked || row.announces === true) after.silenced = false;',
      'if (after.acked) after.silenced = false;',
    ],
    ['annunciation'],
  ),
  rule(
    'never-latches',
    'row 6',
    'annunciation',
    [`alarm.latched || (event === 'CONDITION_ON' && facts.latching)`, 'alarm.latched'],
    ['annunciation'],
  ),
  rule(
    'first-reason-gone-unsuppresses',
    'AL55',
    'overlay',
    [
      'return reasons.filter((one) => one !== reason);',
      `return reasons.filter((one) => one === null || reason === '');`,
    ],
    ['enabling'],
  ),
  rule(
    'same-reason-twice-is-two',
    'AL55',
    'overlays',
    [`    if (reasons.includes(reason)) return;\n`, ''],
    ['enabling'],
  ),
  rule(
    'unknown-reason-ends-suppression',
    'AL55',
    'overlays',
    [`    if (!reasons.includes(reason)) return;\n`, ''],
    ['enabling'],
  ),
  rule(
    're-alarm-due-under-a-cover',
    'AL47',
    'overlays',
    [
      'alarm !== null && alarm.active && !isSuppressedOrShelved(coversOf(overlay))',
      'alarm !== null && alarm.active',
    ],
    ['covers'],
  ),
  rule(
    'out-of-service-without-end',
    'AL50',
    'overlays',
    ['overlay?.outOfService?.until ?? Infinity', 'Infinity'],
    ['covers'],
  ),
  rule(
    'service-before-shelving',
    'AL54',
    'overlays',
    [
      `const TIMED: readonly TimedEvent[] = ['SHELVE_EXPIRED', 'SERVICE_DUE', 'SILENCE_EXPIRED', 'REALARM_TIMER'];`,
      `const TIMED: readonly TimedEvent[] = ['SERVICE_DUE', 'SHELVE_EXPIRED', 'SILENCE_EXPIRED', 'REALARM_TIMER'];`,
    ],
    ['covers'],
  ),
  rule(
    'shelving-without-a-cap',
    'AL49',
    'acts',
    ['seconds >= 1 && seconds <= max', 'seconds >= 1 && max > 0'],
    ['covers'],
  ),
  rule(
    'shelving-cap-excludes-its-end',
    'AL49',
    'acts',
    ['seconds >= 1 && seconds <= max', 'seconds >= 1 && seconds < max'],
    ['covers'],
  ),
  rule(
    'cap-of-the-wrong-cover',
    'AL50',
    'acts',
    ['badTime(command, policy.maxOutOfServiceSeconds,', 'badTime(command, policy.maxShelveSeconds,'],
    ['covers'],
  ),
  rule(
    'blank-reason',
    'AL49',
    'acts',
    [`return text === null || text.trim() === '';`, 'return text === null;'],
    ['covers'],
  ),
  rule(
    'unshelvable-class-is-shelved',
    'AL49',
    'acts',
    ['      if (!policy.shelvable) {', `      if (!policy.shelvable && command.mode === 'oneShot') {`],
    ['covers'],
  ),
  rule(
    'one-shot-where-it-is-not-allowed',
    'AL49',
    'acts',
    [`command.mode === 'oneShot' && !policy.oneShot`, `command.mode === 'timed' && !policy.oneShot`],
    ['covers'],
  ),
  rule(
    'no-compensating-measure',
    'AL50',
    'acts',
    [
      '      if (isBlank(command.compensatingMeasure)) {',
      '      if (isBlank(command.compensatingMeasure) && isBlank(asking.comment)) {',
    ],
    ['covers'],
  ),
  rule(
    'agrees-with-oneself',
    'AL51',
    'acts',
    ['approvedBy !== undefined && approvedBy !== actor', 'approvedBy !== undefined'],
    ['covers'],
  ),
  rule('second-person-is-not-asked', 'AL51', 'acts', ['people < 2 ||', 'people < 3 ||'], ['covers']),
  rule(
    'disabling-needs-one-person',
    'AL51',
    'acts',
    [
      'return withoutReason(asking) ?? unapproved(command, policy.people, asking);',
      'return withoutReason(asking);',
    ],
    ['covers'],
  ),
  rule(
    'shelved-longer-by-default',
    'AL57',
    'policy',
    ['maxShelveSeconds: 28_800', 'maxShelveSeconds: 86_400'],
    ['covers'],
  ),
  rule(
    'unshelving-is-no-acknowledgement',
    'AL49',
    'policy',
    ['unshelveAcknowledges: true', 'unshelveAcknowledges: false'],
    ['covers'],
  ),
  rule(
    'one-shot-outlives-its-activation',
    'AL49, row 31b',
    'recorder',
    [
      `if (event === 'CONDITION_OFF' && watch.overlay?.shelving?.kind === 'oneShot')`,
      `if (event === 'REMOVE' && watch.overlay?.shelving?.kind === 'oneShot')`,
    ],
    ['covers'],
  ),
  rule(
    'another-site-makes-it-sound',
    'AL45, row 25a',
    'recorder',
    ['watch !== announced && watch.alarm?.siteId === siteId', `watch !== announced && siteId !== ''`],
    ['covers'],
  ),
  rule(
    'joins-a-second-too-long',
    'AL52, row 38',
    'returns',
    ['now < lastReturn[0] + JOIN_MS', 'now <= lastReturn[0] + JOIN_MS'],
    ['covers'],
  ),
  rule(
    'more-severe-joins',
    'AL52, row 38',
    'returns',
    ['severity <= last[1] && !exempt', '!exempt'],
    ['covers'],
  ),
  rule(
    'top-class-joins',
    'AL52, row 38',
    'returns',
    ['severity <= last[1] && !exempt', 'severity <= last[1]'],
    ['covers'],
  ),
  rule(
    'older-occurrence-is-forgotten',
    'AL46',
    'alarm-view',
    ['!policy.strict || older.length >= MAX_OLDER', 'older.length >= 0'],
    ['covers'],
  ),
  rule(
    'all-branches-acknowledged-at-once',
    'AL46',
    'alarm-view',
    ['return older.filter(({ eventId }) => eventId !== named);', 'return [];'],
    ['covers'],
  ),
  rule(
    'older-occurrence-is-over-with-the-newest',
    'AL46',
    'alarm-view',
    [
      'first === undefined || isRetained(variables) || ENDS.has(event)',
      'first !== undefined || isRetained(variables) || ENDS.has(event)',
    ],
    ['covers'],
  ),
  rule(
    'removal-is-an-acknowledgement',
    'AL28',
    'alarm-view',
    [
      'variables.acked && before?.acked === false && !ENDS.has(event)',
      'variables.acked && before?.acked === false',
    ],
    ['configuration', 'covers'],
  ),
  rule(
    'real-becomes-a-drill',
    'AL32',
    'alarm-view',
    ['before.drill && (!occurs || configuration.drill)', 'configuration.drill'],
    ['commands', 'configuration'],
  ),
  rule(
    'severity-falls-unacknowledged',
    'AL12',
    'alarm-view',
    ['return Math.max(before.severity, live);', 'return live;'],
    ['limits'],
  ),
];

/** Conditions, delays, order. */
const CONDITIONS: readonly Mutation[] = [
  rule(
    'limit-is-not-included',
    'AL3',
    'conditions/ladder',
    ['value >= limit.limit - band :', 'value > limit.limit - band :'],
    ['limits'],
  ),
  rule(
    'no-deadband',
    'AL3',
    'conditions/ladder',
    [
      'const band = wasBeyond ? limit.deadband : 0;',
      'const band = wasBeyond && limit.deadband < 0 ? limit.deadband : 0;',
    ],
    ['limits'],
  ),
  rule(
    'both-sides-at-once',
    'AL4',
    'level-filter',
    [
      'other.on && isOnSide(watch, other, !isHigh(limit))',
      'other.on && isOnSide(watch, other, isHigh(limit)) && other === filter',
    ],
    ['limits', 'filter', 'delays'],
  ),
  rule(
    'other-side-is-a-change-of-level',
    'AL4',
    'settlement',
    ['return isHigh(before.limit) !== isHigh(present.limit);', 'return before === present;'],
    ['limits'],
  ),
  rule(
    'outer-limit-is-no-news',
    'AL7',
    'settlement',
    ['(isOuter(present.limit) && before !== present)', '(isOuter(present.limit) && before === present)'],
    ['limits'],
  ),
  rule(
    'unknown-false-is-unknown',
    'AL6',
    'conditions/all',
    [
      'else if (!term.values.includes(point.value)) return false;',
      'else if (!term.values.includes(point.value)) return isUnknown ? undefined : false;',
    ],
    ['discrete'],
  ),
  rule(
    'bad-sample-renews',
    'AL8',
    'evaluator',
    ['if (usable) this.checks.deadMen.renew(', 'if (usable || !usable) this.checks.deadMen.renew('],
    ['silence', 'quality'],
  ),
  rule(
    'bad-sample-ends-a-pending-alarm',
    'AL9',
    'level-filter',
    ['    if (filter.on) filter.endPending();', '    filter.endPending();'],
    ['quality', 'delays'],
  ),
  rule(
    'pending-clear-survives-a-bad-sample',
    'AL9',
    'level-filter',
    [
      '    if (filter.on) filter.endPending();',
      '    if (!filter.on && filter.deadline < 0) filter.endPending();',
    ],
    ['quality', 'delays'],
  ),
  rule(
    'late-sample-is-in-order',
    'AL13',
    'evaluator',
    ['    if (this.ts < point.ts) {', '    if (this.ts < point.ts - 3_600_000) {'],
    ['delays', 'limits', 'filter'],
  ),
  rule(
    'retransmission-raises-again',
    'AL13',
    'late-sample',
    ['delayOf(watch, false) === 0 && ts > filter.settledAt', 'delayOf(watch, false) === 0'],
    ['quality', 'filter'],
  ),
  rule(
    'late-sample-proves-a-delay',
    'AL13',
    'late-sample',
    ['return delayOf(watch, false) === 0 && ts', 'return ts'],
    ['delays', 'filter'],
  ),
  rule(
    'delay-without-its-end',
    'AL16',
    'evaluator',
    [
      'return this.ts - filter.since >= delayOf(watch, filter.on);',
      'return this.ts - filter.since > delayOf(watch, filter.on);',
    ],
    ['delays'],
  ),
  rule(
    'delay-is-never-proved',
    'AL16',
    'evaluator',
    ['if (this.isProved(watch, filter, isTrue)) this.prove(watch, filter);', ''],
    ['calm', 'discrete'],
  ),
  rule(
    'pulse-raises-after-its-delay',
    'AL17',
    'evaluator',
    [`    if (isPending) {\n      filter.endPending();\n`, `    if (isPending) {\n`],
    ['delays'],
  ),
  rule(
    'clear-is-credited-the-way',
    'AL18',
    'evaluator',
    ['isTrue ? Math.max(0, arrived - this.ts) : 0', 'Math.max(0, arrived - this.ts)'],
    ['delays'],
  ),
  rule(
    'on-delay-from-the-receipt',
    'AL15',
    'evaluator',
    ['isTrue ? Math.max(0, arrived - this.ts) : 0', 'isTrue ? Math.max(0, this.ts - arrived) : 0'],
    ['delays'],
  ),
  rule(
    'deadline-in-the-past',
    'AL15',
    'evaluator',
    [
      'filter.pend(this.ts, this.now + Math.max(1, delayMs - underWay));',
      'filter.pend(this.ts, this.now + (delayMs - underWay));',
    ],
    ['delays'],
  ),
  rule(
    'ties-in-any-order',
    'AL20',
    'deadlines',
    [
      `  if (a.due.orderKey !== b.due.orderKey) return a.due.orderKey < b.due.orderKey;\n`,
      `  if (a.due.orderKey !== b.due.orderKey) return a.due.orderKey > b.due.orderKey;\n`,
    ],
    ['deadlines'],
  ),
  rule(
    'count-of-the-same-sample',
    'AL70',
    'evaluator',
    [
      'if (ts <= (before.at(-1) ?? -Infinity)) return false;',
      'if (ts < (before.at(-1) ?? -Infinity)) return false;',
    ],
    ['delays', 'conditions/numbers', 'conditions/states'],
  ),
  rule(
    'count-without-a-window',
    'AL70',
    'evaluator',
    ['.filter((one) => one > ts - delayOf(watch, false))', '.filter((one) => one <= ts)'],
    ['delays', 'conditions/numbers', 'conditions/states'],
  ),
  rule(
    'reorder-window-without-its-end',
    'AL86',
    'reorder',
    ['ts + this.window > now', 'ts + this.window >= now'],
    ['reorder'],
  ),
  rule(
    'held-in-the-order-of-receipt',
    'AL86',
    'reorder',
    ['compare(one, sample) > 0', 'compare(one, sample) > Infinity'],
    ['reorder'],
  ),
  rule(
    'held-twice',
    'AL86',
    'reorder',
    [`    if (this.samples.some((one) => compare(one, sample) === 0)) return;\n`, ''],
    ['reorder'],
  ),
  rule(
    'held-without-bound',
    'AL86',
    'reorder',
    ['this.deadline > at && this.samples.length <= MAX_HELD', 'this.deadline > at'],
    ['reorder'],
  ),
  rule(
    'unknown-enabling-suppresses',
    'AL85',
    'enabling',
    ['if (isEnabled === false)', 'if (isEnabled !== true)'],
    ['enabling'],
  ),
  rule(
    'enabled-for-ever',
    'AL85',
    'enabling',
    ['if (isEnabled === false)', 'if (isEnabled === null)'],
    ['enabling'],
  ),
  rule(
    'enabling-is-a-sign-of-life',
    'AL8, AL85',
    'evaluator',
    ['if (isApart && !watch.points.includes(point)) continue;', ''],
    ['enabling'],
  ),
];

/** Many places behind one point. */
const OCCURRENCES: readonly Mutation[] = [
  rule(
    'rise-is-the-same-occurrence',
    'AL146',
    'occurrences',
    ['const rises = count > Number(watch.memory);', 'const rises = count > Number(watch.memory) + 1;'],
    ['occurrences'],
  ),
  rule(
    'fall-does-not-lower-the-number',
    'AL146',
    'occurrences',
    [
      '  watch.memory = count;\n  if (rises)',
      '  watch.memory = Math.max(count, Number(watch.memory));\n  if (rises)',
    ],
    ['occurrences'],
  ),
  rule(
    'first-place-is-told-twice',
    'AL146',
    'occurrences',
    ['return Math.max(1, typeof value', 'return Math.max(0, typeof value'],
    ['occurrences'],
  ),
  rule(
    'older-place-never-clears',
    'AL146',
    'alarm-view',
    ["event === 'CONDITION_OFF' ? kept.map((one) => cleared(one, cause)) : kept", 'kept'],
    ['occurrences'],
  ),
  rule(
    'place-of-another-number',
    'AL147',
    'occurrences',
    ['place.ts >= (watch.again?.count?.ts ?? -Infinity) && count !== 0', 'count !== 0'],
    ['occurrences'],
  ),
  rule(
    'another-place-is-chatter',
    'AL148',
    'marks',
    ['if (isNew && !isAnother) memory', 'if (isNew) memory'],
    ['occurrences'],
  ),
];

/** Silence, the clock, the link, configuration. */
const LINKS: readonly Mutation[] = [
  rule(
    'silent-a-moment-too-long',
    'AL22, AL26',
    'dead-man',
    ['silentSince(watch) + condition.afterMs <= now', 'silentSince(watch) + condition.afterMs < now'],
    ['silence', 'configuration'],
  ),
  rule(
    'silence-of-the-server',
    'AL23',
    'dead-man',
    [`      source.silentSince = now;\n`, `      source.silentSince = Math.min(now, source.silentSince);\n`],
    ['silence'],
  ),
  rule(
    'silence-leaves-the-quality',
    'AL10',
    'dead-man',
    [`      point.quality = 'stale';\n`, ''],
    ['silence', 'quality'],
  ),
  rule(
    'connected-is-offline',
    'AL22',
    'dead-man',
    [
      `condition.kind === 'offline' && watch.device.connected === true`,
      `condition.kind === 'offline' && watch.device.connected === false`,
    ],
    ['silence'],
  ),
  rule(
    'one-late-message-is-behind',
    'AL34',
    'clock-check',
    ['hasFullWindow && skew > limitMs', 'skew > limitMs'],
    ['clock'],
  ),
  rule(
    'clock-is-right-at-once',
    'AL34',
    'clock-check',
    ['closes && clock.skew >= -limitMs && Math.abs', 'clock.skew >= -limitMs && Math.abs'],
    ['clock'],
  ),
  rule(
    'take-over-a-window-apart',
    'AL35',
    'flapping-check',
    ['last - first < condition.windowMs', 'last - first <= condition.windowMs'],
    ['flapping'],
  ),
  rule(
    'flapping-never-ends',
    'AL35',
    'flapping-check',
    ['if (isFlapping && last + condition.windowMs > now) {', 'if (isFlapping) {'],
    ['flapping'],
  ),
  rule(
    'changed-rule-loses-its-alarm',
    'AL25',
    'configuration',
    [
      'if (alarm.active && !next.steps.some(({ level }) => level === alarm.level)) return false;',
      'if (alarm.active) return false;',
    ],
    ['configuration'],
  ),
  rule(
    'other-point-keeps-the-alarm',
    'AL28',
    'configuration',
    [`    if (alarm.pointId !== (subjectOf(next)?.point.pointId ?? null)) return false;\n`, ''],
    ['configuration'],
  ),
  rule(
    'changed-rule-loses-its-cover',
    'AL56',
    'configuration',
    [`  next.overlay = old.overlay;\n`, ''],
    ['covers'],
  ),
  rule(
    'fault-is-told-at-once',
    'AL84',
    'rule-faults',
    [
      'if (told === undefined) filter.pend(now, now + ON_DELAY_MS);',
      'if (told === undefined) filter.pend(now, now + 1);',
    ],
    ['configuration', 'conditions/logic'],
  ),
];

/** Groups, votes, suppression. */
const GROUPS: readonly Mutation[] = [
  rule(
    'unknown-member-is-silent',
    'AL114',
    'conditions/voting',
    [`const left = onBad === 'vote' ? Math.max(1, need - unknown) : need;`, 'const left = need;'],
    ['conditions/groups'],
  ),
  rule(
    'vote-below-one',
    'AL114',
    'conditions/voting',
    ['Math.max(1, need - unknown)', 'need - unknown'],
    ['conditions/groups'],
  ),
  rule(
    'vote-ends-with-its-members',
    'AL114',
    'conditions/voting',
    ['return isOn && count.yes + count.unknown >= condition.need ? undefined : -1;', 'return -1;'],
    ['conditions/groups'],
  ),
  rule(
    'one-vote-more',
    'AL113',
    'conditions/voting',
    ['if (count.yes >= mode.need) return 0;', 'if (count.yes > mode.need) return 0;'],
    ['conditions/groups'],
  ),
  rule(
    'degraded-is-not-told',
    'AL115',
    'conditions/voting-degraded',
    [
      'return countVotes(watch, members, false).unknown - 1;',
      'return countVotes(watch, members, false).unknown - 2;',
    ],
    ['conditions/groups'],
  ),
  rule(
    'coincidence-without-its-window',
    'AL116',
    'conditions/coincidence',
    ['ts - since <= windowMs', 'ts - since < windowMs'],
    ['conditions/groups'],
  ),
  rule(
    'coincidence-holds-by-the-past',
    'AL116',
    'conditions/coincidence',
    ['isOn || present === 0 ? present : present + recent', 'present === 0 ? present : present + recent'],
    ['conditions/groups'],
  ),
  rule(
    'colours-do-not-count-on',
    'AL117',
    'conditions/colours',
    [
      'Math.floor((yellow + yellows) / condition.yellowsToOrange)',
      'Math.floor(yellow / condition.yellowsToOrange)',
    ],
    ['conditions/groups'],
  ),
  rule(
    'top-class-is-suppressed',
    'AL120',
    'inhibition',
    [`    if (policyOf(watch.rule).exempt) return [];\n`, ''],
    ['inhibition'],
  ),
  rule(
    'exercise-suppresses',
    'AL119',
    'inhibition',
    ['isActive(source) && !isDrillOnly(source, watch)', 'isActive(source)'],
    ['inhibition'],
  ),
  rule(
    'circle-suppresses',
    'AL121',
    'inhibition',
    ['this.named(watch).filter((source) => !this.reaches(watch, source))', 'this.named(watch)'],
    ['inhibition'],
  ),
  rule(
    'suppressed-for-ever',
    'AL119',
    'inhibition',
    [
      'if (!reasons.has(reason)) this.overlays.unsuppress',
      'if (reasons.has(reason)) this.overlays.unsuppress',
    ],
    ['inhibition'],
  ),
  rule(
    'silence-before-its-link',
    'AL118',
    'evaluator',
    [
      `      if (link.filters.some((filter) => filter.deadline <= deadline)) this.fire(link, deadline);\n`,
      '',
    ],
    ['inhibition'],
  ),
  rule(
    'first-out-of-every-site',
    'AL122',
    'engine',
    [
      `        other.rule.firstOutGroup === firstOutGroup &&\n        other.device.configuration.siteId === device.configuration.siteId,`,
      '        other.rule.firstOutGroup === firstOutGroup,',
    ],
    ['inhibition', 'conditions/groups'],
  ),
  rule(
    'window-count-includes-its-start',
    'AL78',
    'conditions/window-count',
    ['point.ts - (times[0] ?? -Infinity) < windowMs', 'point.ts - (times[0] ?? -Infinity) <= windowMs'],
    ['conditions/states'],
  ),
  rule(
    'false-does-not-decide',
    'AL80',
    'conditions/logic',
    [
      `    if (value === deciding) return deciding;\n`,
      `    if (value === deciding && !isUnknown) return deciding;\n`,
    ],
    ['conditions/logic'],
  ),
  rule(
    'night-belongs-to-its-morning',
    'AL81',
    'conditions/schedule',
    ['days.includes(weekday(day - 1)) && minute < to', 'days.includes(weekday(day)) && minute < to'],
    ['conditions/logic'],
  ),
  rule(
    'rate-of-half-a-moment',
    'AL75',
    'conditions/rate',
    ['return span < windowMs / 2 ? undefined :', 'return span <= 0 ? undefined :'],
    ['conditions/numbers'],
  ),
  rule(
    'band-without-a-deadband',
    'AL72',
    'conditions/band',
    [
      'const margin = isHeld(watch) ? condition.deadband : 0;',
      'const margin = isHeld(watch) ? 0 : condition.deadband;',
    ],
    ['conditions/numbers'],
  ),
];

/** Which version of a rule is the weaker one. */
const WEAKER: readonly Mutation[] = [
  rule(
    'longer-delay-is-no-weaker',
    'RU19',
    'weaker',
    [
      'const DELAYS = { onDelayMs: lower, offDelayMs: higher };',
      'const DELAYS = { onDelayMs: higher, offDelayMs: higher };',
    ],
    ['weaker'],
  ),
  rule(
    'higher-limit-is-no-weaker',
    'RU19',
    'weaker',
    [
      'const HIGH_LIMIT: Judges<Limit> = { limit: lower,',
      'const HIGH_LIMIT: Judges<Limit> = { limit: higher,',
    ],
    ['weaker'],
  ),
  rule(
    'lower-priority-is-no-weaker',
    'RU19',
    'weaker',
    ['const SEVERE = { severity: higher };', 'const SEVERE = { severity: lower };'],
    ['weaker'],
  ),
  rule(
    'level-may-go',
    'RU19',
    'weaker',
    ['if (is === undefined) return [was.level];', 'if (is === undefined) return NOWHERE;'],
    ['weaker'],
  ),
  rule(
    'what-is-not-known-is-no-weaker',
    'RU19',
    'weaker',
    ['if (judge === undefined) return [field];', 'if (judge === undefined) return NOWHERE;'],
    ['weaker'],
  ),
  rule(
    'switched-off-is-no-weaker',
    'RU19',
    'weaker',
    [`if (after === undefined) return ['enabled'];`, 'if (after === undefined) return NOWHERE;'],
    ['weaker'],
  ),
  rule(
    'less-severe-outer-level-sooner',
    'RU19',
    'weaker',
    [`  if (!risesOutward(after)) return WHOLE;\n`, ''],
    ['weaker'],
  ),
];

const APPROVALS = 'libs/control-room/src/approvals/approvals.ts';
const REQUESTS = 'libs/registry/src/repositories/approvals.ts';
const RULE_DESK = 'libs/commissioning/src/rule-desk.ts';
const RULE_EFFECT = 'libs/commissioning/src/rule-effect.ts';
const RULE_SPEC = ['libs/commissioning/src/rule-approval.spec.ts'];
const COVERS_SPEC = ['libs/control-room/src/rest/covers.spec.ts'];
const REQUESTS_SPEC = ['libs/registry/src/repositories/approvals.spec.ts'];

/** Acts of two people, outside of the engine. */
const TWO_PEOPLE: readonly Mutation[] = [
  {
    name: 'own-request',
    rule: 'AL51',
    file: APPROVALS,
    find: `    if (requestedBy === user.username) throw new Problem('own_request');\n`,
    replace: '',
    specs: COVERS_SPEC,
  },
  {
    name: 'agreed-to-by-any-role',
    rule: 'AL51',
    file: APPROVALS,
    find: 'if (!act.roles.includes(user.role))',
    replace: 'if (act.roles.length === 0)',
    specs: COVERS_SPEC,
  },
  {
    name: 'approved-and-not-done',
    rule: 'AL51',
    file: APPROVALS,
    find: '      await act.perform(row, who.user.username);\n',
    replace: '      await Promise.resolve(act);\n',
    specs: COVERS_SPEC,
  },
  {
    name: 'request-never-expires',
    rule: 'AL51',
    file: REQUESTS,
    find: `      .where('expiresAt', '>', decidedAt)\n`,
    replace: '',
    specs: REQUESTS_SPEC,
  },
  {
    name: 'request-decided-twice',
    rule: 'AL51',
    file: REQUESTS,
    find: `      .where('id', '=', id)\n      .where('state', '=', 'pending')\n`,
    replace: `      .where('id', '=', id)\n`,
    specs: REQUESTS_SPEC,
  },
];

/** Acts of two people, as rules are changed. */
const RULE_CHANGES: readonly Mutation[] = [
  {
    name: 'changed-by-one-person',
    rule: 'RU20',
    file: RULE_EFFECT,
    find: 'peopleToChange > 1',
    replace: 'peopleToChange > 2',
    specs: RULE_SPEC,
  },
  {
    name: 'agrees-to-the-own-change',
    rule: 'RU20',
    file: RULE_DESK,
    find: 'approval === undefined || approval.by === by',
    replace: 'approval === undefined',
    specs: RULE_SPEC,
  },
  {
    name: 'site-is-hidden-by-its-devices',
    rule: 'RU20',
    file: RULE_DESK,
    find: `  if (target.layer === 'site') layers.set('', present === undefined ? [] : [present]);\n`,
    replace: '',
    specs: RULE_SPEC,
  },
  {
    name: 'agreed-to-another-rule',
    rule: 'RU21',
    file: RULE_DESK,
    find: 'approval.seen.effect !== seen.effect || ',
    replace: '',
    specs: RULE_SPEC,
  },
  {
    name: 'agreed-to-another-layer',
    rule: 'RU21',
    file: RULE_DESK,
    find: ' || approval.seen.layerVersion !== seen.layerVersion',
    replace: '',
    specs: RULE_SPEC,
  },
];

/** What the server says of itself. */
const SERVER: readonly Mutation[] = [
  rule(
    'server-condition-told-again',
    'AL142',
    'server-conditions',
    ['    if (active === this.isActive(name)) return;\n', ''],
    ['server-conditions'],
  ),
  rule(
    'server-condition-floods-a-site',
    'AL143',
    'floods',
    ['if (siteId !== CENTRE) this.hear', 'this.hear'],
    ['server-conditions'],
  ),
];

/** Rules of docs/spec besides the rows of the table. */
export const RULES: readonly Mutation[] = [
  ...COVERS,
  ...CONDITIONS,
  ...OCCURRENCES,
  ...LINKS,
  ...GROUPS,
  ...WEAKER,
  ...TWO_PEOPLE,
  ...RULE_CHANGES,
  ...SERVER,
];
