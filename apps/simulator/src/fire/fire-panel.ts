import {
  addressOfParts,
  analogRaw,
  type Deviation,
  encodeAdu,
  fixedText,
  type InformationObject,
  STATUS_BITS,
  type TimeLabel,
} from '@watchfire/protocol';
import { type Random } from '../random.js';

export interface PanelComponent {
  readonly systemType: number;
  readonly systemAddress: number;
  readonly componentType: number;
  /** The four bytes as the standard reads them. */
  readonly componentAddress: number;
  readonly description: string;
}

/** Keys of status bits of the standard or of the device profile: `fire`, `fault`, `shield`, `supervisory`, `feedback`, `open_circuit`. */
export type Condition = string;

const ALARM_SYSTEM = 1;
const SPRINKLERS = 12;
const HEAT_DETECTOR = 31;
const TEMPERATURE = 3;
const KINDS = [
  { type: 40, name: '感烟' },
  { type: HEAT_DETECTOR, name: '感温' },
  { type: 23, name: '手报' },
  { type: 24, name: '消火栓按钮' },
] as const;

/** Two loops of smoke and heat detectors, call points and buttons, and a sprinkler system with its flow switch. */
export function ordinaryComponents(
  { address: form, systemTypes }: Deviation,
  random: Random,
  pointsPerLoop = 8,
): PanelComponent[] {
  const componentAddress = (loop: number, point: number): number => {
    const values = form.parts.map((_, index, { length }) =>
      index === length - 1 ? point : index === length - 2 ? loop : 0,
    );
    return addressOfParts(values, form) ?? point;
  };
  // A profile with system types of its own has systems of them.
  const own = [...systemTypes.keys()].filter((code) => code >= 0x80);
  const system = { systemType: own[random.integer(0, own.length - 1)] ?? ALARM_SYSTEM, systemAddress: 1 };
  const detectors = [1, 2].flatMap((loop) =>
    Array.from({ length: pointsPerLoop }, (_, index): PanelComponent => {
      const { type, name } = KINDS[index < 2 ? index : random.integer(0, KINDS.length - 1)] ?? KINDS[0];
      const description = `${loop}层${index + 1}号${name}`;
      return {
        ...system,
        componentType: type,
        componentAddress: componentAddress(loop, index + 1),
        description,
      };
    }),
  );
  const flow = { systemType: SPRINKLERS, systemAddress: 1, componentType: 96 };
  return [...detectors, { ...flow, componentAddress: componentAddress(3, 1), description: '水流指示器' }];
}

/** A fire alarm panel: what its components say, as the transmission device reads it. Pure. */
export class FirePanel {
  private readonly conditions = new Map<PanelComponent, ReadonlySet<Condition>>();

  constructor(
    readonly components: readonly PanelComponent[],
    private readonly deviation: Deviation,
  ) {}

  /** Sets what a component says; nothing: it is as it should be. */
  set(component: PanelComponent, conditions: readonly Condition[]): void {
    this.conditions.set(component, new Set(conditions));
  }

  /** Components that say anything. */
  disturbed(): PanelComponent[] {
    return this.components.filter((each) => (this.conditions.get(each)?.size ?? 0) > 0);
  }

  status(component: PanelComponent): number {
    return this.mask(
      [...STATUS_BITS.component, ...this.deviation.componentBits],
      [...(this.conditions.get(component) ?? [])],
    );
  }

  /** Of all components of a system together. */
  systemStatus(systemType: number, systemAddress: number): number {
    const own = this.components.filter(
      (each) => each.systemType === systemType && each.systemAddress === systemAddress,
    );
    const conditions = own.flatMap((each) => [...(this.conditions.get(each) ?? [])]);
    return this.mask([...STATUS_BITS.system, ...this.deviation.systemBits], conditions);
  }

  find(asked: {
    readonly systemType: number;
    readonly systemAddress: number;
    readonly componentAddress: number;
  }): PanelComponent | undefined {
    return this.components.find(
      (each) =>
        each.systemType === asked.systemType &&
        each.systemAddress === asked.systemAddress &&
        each.componentAddress === asked.componentAddress,
    );
  }

  hasSystem(systemType: number, systemAddress: number): boolean {
    return this.components.some(
      (each) => each.systemType === systemType && each.systemAddress === systemAddress,
    );
  }

  /** Type 2. */
  stateAdu(components: readonly PanelComponent[], time: TimeLabel): Uint8Array {
    const objects = components.map((each): Omit<InformationObject<'component-state'>, 'kind'> => ({
      ...each,
      status: this.status(each),
      description: fixedText(each.description),
      time,
    }));
    return encodeAdu('component-state', objects);
  }

  /** Type 3; `undefined` for a component that measures nothing. */
  analog(component: PanelComponent): { readonly analogType: number; readonly value: number } | undefined {
    if (component.componentType !== HEAT_DETECTOR) return undefined;
    const celsius = this.conditions.get(component)?.has('fire') === true ? 68 : 21;
    const value = analogRaw(TEMPERATURE, celsius, this.deviation.analogs);
    return value === undefined ? undefined : { analogType: TEMPERATURE, value };
  }

  /** Bit 0 says that it runs normally, and is 1 for it or 0, as the profile has it. */
  private mask(
    bits: readonly { readonly bit: number; readonly key: string }[],
    conditions: readonly Condition[],
  ): number {
    const normal = this.deviation.normalBit === 'normal' ? 1 : 0;
    return bits.reduce((mask, { bit, key }) => (conditions.includes(key) ? mask | (1 << bit) : mask), normal);
  }
}
