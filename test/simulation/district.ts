import { type AnnunciationPolicy, type DeviceConfiguration, type PointValue } from '@watchfire/alarm';
import { Catalogue, deviceConfiguration, type Profile, type ProfilePoint } from '@watchfire/catalogue';
import { type DeviceContext } from '@watchfire/registry';
import { type Random } from './random.js';

/**
 * How many devices of each profile: so many that its people come to each of them often in a month. The first two of a kind stand at one
 * site, the others at another. The gas pipeline has the conditions that the first four have not.
 */
const DEVICES: Readonly<Record<string, number>> = {
  'fire.uitd': 3,
  'gas.lel.point': 3,
  lift: 2,
  'tank.atm': 3,
  'pipe.gas': 1,
};

/** What a site may ask of its people besides what the class of a signal asks. */
const POLICIES: readonly Partial<AnnunciationPolicy>[] = [
  {},
  { people: 1, shelvable: true, strict: true, confirm: true },
  { people: 1, shelvable: true, reAlarmSeconds: 1_800, unshelveAcknowledges: false, resetNeedsAck: false },
  { people: 2, shelvable: true, inServiceUnacknowledges: true, withdrawable: true },
];

/** A device as it was installed, and as it may be configured otherwise. */
export interface Installed {
  readonly deviceId: string;
  readonly profile: Profile;
  /** `variant` 0 is the catalogue's; the others have limits and delays of their site. */
  configuration(variant: number, drill: boolean): DeviceConfiguration;
}

/** The devices of some kinds of the catalogue that send something. */
export async function district(): Promise<readonly Installed[]> {
  const catalogue = await Catalogue.load('config/catalogue');
  return catalogue
    .profiles()
    .flatMap((profile) =>
      Array.from({ length: DEVICES[profile.key] ?? 0 }, (_, index) => install(profile, index)),
    );
}

function install(profile: Profile, index: number): Installed {
  const deviceId = `${profile.key.replaceAll('.', '-')}-${index}`;
  const siteId = index < 2 ? 'site-1' : 'site-2';
  const context = {
    device: { id: deviceId, siteId, profile: profile.key, name: deviceId, members: [] },
    site: { id: siteId, enterpriseId: 'e', name: siteId, gridCode: null },
    enterprise: { id: 'e', name: 'e' },
  } as unknown as DeviceContext;
  return {
    deviceId,
    profile,
    configuration: (variant, drill) => {
      const configuration = deviceConfiguration(context, profile, [], { drill });
      if (variant === 0) return configuration;
      const rules = configuration.rules
        // A rule is switched off in every third variant, and comes back in the next.
        .filter((_, ruleIndex) => variant % 3 !== 0 || ruleIndex !== variant % configuration.rules.length)
        .map((rule) => ({
          ...rule,
          version: rule.version + variant,
          condition: varied(rule.condition, variant),
          annunciation: { ...rule.annunciation, ...POLICIES[variant % POLICIES.length] },
        }));
      return { ...configuration, rules };
    },
  };
}

function varied<T extends DeviceConfiguration['rules'][number]['condition']>(
  condition: T,
  variant: number,
): T {
  if (condition.kind !== 'limit') return condition;
  return { ...condition, onDelayMs: (variant % 3) * 15_000, offDelayMs: (variant % 2) * 45_000 };
}

/** What a point says: mostly something quiet, now and then a way up or down through its limits, or a state. */
export class Signal {
  private readonly normal: number;
  private readonly span: number;
  private value: number;
  private excursion = 0;
  private state: PointValue;
  private readonly states: readonly PointValue[];

  constructor(
    private readonly point: ProfilePoint,
    profile: Profile,
    private readonly random: Random,
  ) {
    const conditions = profile.rules.map(({ condition }) => condition);
    const limits = conditions.flatMap((condition) =>
      condition.kind === 'limit' && condition.pointId === point.key ? condition.limits : [],
    );
    const highest = Math.max(...limits.map(({ limit }) => limit), 1);
    const lowest = Math.min(...limits.map(({ limit }) => limit), 0);
    this.span = highest - lowest;
    this.normal = limits.length === 0 ? 10 : (highest + lowest) / 2;
    this.value = this.normal;
    this.states = conditions.flatMap((condition) =>
      condition.kind === 'discrete' && condition.pointId === point.key
        ? [...condition.alarmValues.map(({ value }) => value), ...(condition.normal ?? [])]
        : [],
    );
    this.state = quietValue(point);
  }

  next(): PointValue {
    const { point, random } = this;
    if (point.type === 'number' && this.states.length === 0) return this.number();
    // A contact that closes stays so for a while.
    if (random.chance(this.state === quietValue(point) ? 0.01 : 0.2)) {
      const isBack = this.state !== quietValue(point);
      this.state = isBack ? quietValue(point) : random.of([...this.states, quietValue(point)]);
    }
    if (point.type === 'boolean' && typeof this.state !== 'boolean') return random.chance(0.02);
    return this.state;
  }

  private number(): number {
    const { random, span, normal } = this;
    if (this.excursion === 0 && random.chance(0.006)) this.excursion = random.of([-1, 1, 1]);
    else if (this.excursion !== 0 && random.chance(0.15)) this.excursion = 0;
    const target = normal + this.excursion * span * 0.75;
    this.value += (target - this.value) * 0.4 + (random.next() - 0.5) * span * 0.04;
    return Math.round(this.value * 100) / 100;
  }
}

function quietValue({ type }: ProfilePoint): PointValue {
  return type === 'boolean' ? false : type === 'number' ? 0 : 'normal';
}
