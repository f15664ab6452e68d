import { telemetryTopic, type ProfileView } from '@watchfire/contracts';

/** For a shell: nothing inside single quotes means anything, and a single quote is written apart. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

type ProfilePoint = Pick<ProfileView['points'][number], 'key' | 'type'>;
/** Nothing that would raise an alarm of its own accord: the first try of a device should not call the fire brigade. */
const EXAMPLES = { number: 1, boolean: false, string: 'test' } as const;

/**
 * A line to paste into a shell on any machine that reaches the broker: one reading of the device's first point.
 * The broker is reached under the name of this page's server.
 */
export function publishLine(
  device: { readonly deviceId: string; readonly points: readonly ProfilePoint[] },
  credential: { readonly username: string; readonly password: string },
  broker: { readonly host: string; readonly port: number },
): string {
  const point = device.points[0];
  const payload = JSON.stringify({
    values: point === undefined ? {} : { [point.key]: EXAMPLES[point.type] },
  });
  return [
    `mosquitto_pub -h ${broker.host} -p ${broker.port} -q 1`,
    `-u ${quoted(credential.username)} -P ${quoted(credential.password)}`,
    `-t ${quoted(telemetryTopic(device.deviceId))} -m ${quoted(payload)}`,
  ].join(' ');
}
