import { TelemetryShape } from '@watchfire/protocol';
import { type DeviceRates } from './device-rates.js';
import { type DeviceDirectory, type DirectoryDevice } from './directory.js';
import { type DeviceNumbers, type Repeats } from './repeats.js';

/**
 * What the quick way for telemetry needs of a device, in one place: with thousands of devices that speak in turn, what a
 * message costs is how many places in memory it has to be looked up in.
 */
export interface TelemetryLane {
  /** Of the directory, when this was true. */
  revision: number;
  readonly device: DirectoryDevice;
  readonly shape: TelemetryShape;
  /** Of its share in `DeviceRates`. */
  readonly ratePlace: number;
  readonly numbers: DeviceNumbers;
}

export class TelemetryLanes {
  constructor(
    private readonly directory: DeviceDirectory,
    private readonly rates: DeviceRates,
    private readonly repeats: Repeats,
  ) {}

  /** The lane of the device as it is registered now; `earlier`, where that is still true. None for who may not speak. */
  of(deviceId: string, earlier: TelemetryLane | undefined): TelemetryLane | undefined {
    const { directory } = this;
    const { revision } = directory;
    if (earlier !== undefined && earlier.revision === revision) return earlier;
    const device = directory.find(deviceId);
    if (device === undefined || device.disabled) return undefined;
    if (earlier?.device === device) {
      earlier.revision = revision;
      return earlier;
    }
    return {
      revision,
      device,
      shape: new TelemetryShape(device.source, device.shapePoints),
      ratePlace: this.rates.telemetryPlace(deviceId),
      numbers: this.repeats.of(deviceId),
    };
  }
}
