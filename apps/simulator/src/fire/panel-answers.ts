import {
  COMMAND,
  countedText,
  decodeAdu,
  type Deviation,
  encodeAdu,
  fixedText,
  type Frame,
  type InformationObject,
  type TimeLabel,
} from '@watchfire/protocol';
import { type FirePanel, type PanelComponent } from './fire-panel.js';

export interface PanelOperation {
  readonly operations: number;
  readonly operator: number;
  readonly time: TimeLabel;
}

export interface AnsweringDevice {
  readonly panel: FirePanel;
  readonly deviation: Deviation;
  /** Its own clock. */
  readonly time: TimeLabel;
  /** Of its keys, oldest first. */
  readonly operations: readonly PanelOperation[];
}

type Answer = Pick<Frame, 'command' | 'adu'>;
type Request = InformationObject;

const MOST_OPERATIONS = 100;
const VERSION = { major: 2, minor: 1 };

/** The reply to a request of the centre, types 61 to 88; `undefined`: the device has nothing of the kind and is silent. */
export function replyTo(frame: Frame, device: AnsweringDevice): Answer | undefined {
  const { objects } = decodeAdu(frame.adu, device.deviation);
  const [first] = objects;
  if (first === undefined) return undefined;
  const adu = ofComponents(objects, device) ?? ofSystem(first, device) ?? ofDevice(first, device);
  return adu === undefined ? undefined : { command: COMMAND.reply, adu };
}

function ofComponents(objects: readonly Request[], { panel, time }: AnsweringDevice): Uint8Array | undefined {
  const kind = objects[0]?.kind;
  const found = objects.flatMap((each): PanelComponent[] => {
    const component = 'componentAddress' in each ? panel.find(each) : undefined;
    return component === undefined ? [] : [component];
  });
  if (found.length === 0) return undefined;
  if (kind === 'read-component-state') return panel.stateAdu(found, time);
  if (kind === 'read-component-configuration') {
    const named = found.map((each) => ({ ...each, description: fixedText(each.description) }));
    return encodeAdu('component-configuration', named);
  }
  if (kind !== 'read-component-analog') return undefined;
  const measured = found.flatMap((each) => {
    const analog = panel.analog(each);
    return analog === undefined ? [] : [{ ...each, ...analog, time }];
  });
  return measured.length === 0 ? undefined : encodeAdu('component-analog', measured);
}

function ofSystem(request: Request, { panel, time, operations }: AnsweringDevice): Uint8Array | undefined {
  if (!('systemType' in request)) return undefined;
  const { systemType, systemAddress } = request;
  if (!panel.hasSystem(systemType, systemAddress)) return undefined;
  const system = { systemType, systemAddress };
  switch (request.kind) {
    case 'read-system-state':
      return encodeAdu('system-state', [
        { ...system, status: panel.systemStatus(systemType, systemAddress), time },
      ]);
    case 'read-facility-operations': {
      const wanted = recordsOf(operations, request.records, request.from);
      return wanted.length === 0
        ? undefined
        : encodeAdu(
            'facility-operation',
            wanted.map((each) => ({ ...system, ...each })),
          );
    }
    case 'read-facility-version':
      return encodeAdu('facility-version', [{ ...system, ...VERSION }]);
    case 'read-system-configuration':
      return encodeAdu('system-configuration', [{ ...system, text: countedText('两回路火灾报警控制器') }]);
    case 'read-facility-time':
      return encodeAdu('facility-time', [{ ...system, time }]);
    default:
      return undefined;
  }
}

function ofDevice(
  request: Request,
  { time, operations, deviation }: AnsweringDevice,
): Uint8Array | undefined {
  switch (request.kind) {
    case 'read-device-state':
      return encodeAdu('device-state', [{ status: deviation.normalBit === 'normal' ? 1 : 0, time }]);
    case 'read-device-operations': {
      const wanted = recordsOf(operations, request.records, request.from);
      return wanted.length === 0 ? undefined : encodeAdu('device-operation', wanted);
    }
    case 'read-device-version':
      return encodeAdu('device-version', [VERSION]);
    case 'read-device-configuration':
      return encodeAdu('device-configuration', [{ text: countedText('用户信息传输装置') }]);
    case 'read-device-time':
      return encodeAdu('device-time', [{ time }]);
    default:
      return undefined;
  }
}

function recordsOf(operations: readonly PanelOperation[], count: number, from: TimeLabel): PanelOperation[] {
  const since = from.at ?? -Infinity;
  return operations
    .filter(({ time }) => (time.at ?? Infinity) >= since)
    .slice(0, Math.min(count, MOST_OPERATIONS));
}
