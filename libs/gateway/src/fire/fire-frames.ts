import { type JournalRecord, type SampleTuple } from '@watchfire/journal';
import { COMMAND, type Deviation, type UnitValues } from '@watchfire/protocol';
import { type DirectoryDevice } from '../directory.js';

export function isKnown(command: number, { commands }: Deviation): boolean {
  return (command >= COMMAND.control && command <= COMMAND.deny) || commands.has(command);
}

/** In the order of the values. Points that the device's profile does not have, or has as another type, are not told. */
export function samplesOf(device: DirectoryDevice, values: Partial<UnitValues>): SampleTuple[] {
  return Object.entries(values).flatMap(([key, value]): SampleTuple[] => {
    const point = device.points.get(key);
    return point !== undefined && point.type === typeof value ? [[point.pointId, value]] : [];
  });
}

/** What goes into the journal of a frame with data. */
export function recordsOfData(
  deviceId: string,
  data: {
    readonly bytes: Uint8Array;
    readonly peer: string;
    readonly times: { readonly receivedAt: number; readonly ts: number; readonly deviceTime?: number };
    readonly samples: SampleTuple[];
    readonly remember: Readonly<Record<string, number>>;
  },
): JournalRecord[] {
  const { bytes, peer, times, samples, remember } = data;
  const frame = Buffer.from(bytes).toString('base64');
  const event: JournalRecord = {
    kind: 'event',
    deviceId,
    ...times,
    event: 'gb26875',
    data: { frame, peer },
    samples,
  };
  if (Object.keys(remember).length === 0) return [event];
  return [event, { kind: 'attributes', deviceId, receivedAt: times.receivedAt, attributes: remember }];
}
