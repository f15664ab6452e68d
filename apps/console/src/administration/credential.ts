import { pointIdOf, telemetryTopic, type PointView } from '@watchfire/contracts';

/** For a shell: nothing inside single quotes means anything, and a single quote is written apart. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * A line to paste into a shell on any machine that reaches the broker: one reading of the device's first point.
 * `host` is the name under which this page was reached; the broker listens there on `port`.
 */
export function publishLine(
  device: {
    readonly deviceId: string;
    readonly points: readonly Pick<PointView, 'pointId' | 'latest' | 'unit'>[];
  },
  credential: { readonly username: string; readonly password: string },
  host: string,
  port = 1883,
): string {
  const point = device.points[0]?.pointId.slice(pointIdOf(device.deviceId, '').length);
  const payload = JSON.stringify({ values: point === undefined ? {} : { [point]: 1 } });
  return [
    `mosquitto_pub -h ${host} -p ${port} -q 1`,
    `-u ${quoted(credential.username)} -P ${quoted(credential.password)}`,
    `-t ${quoted(telemetryTopic(device.deviceId))} -m ${quoted(payload)}`,
  ].join(' ');
}
