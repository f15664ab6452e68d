import { telemetryTopic, type IssuedCredential, type ProfileView } from '@watchfire/contracts';

/** For a shell: nothing inside single quotes means anything, and a single quote is written apart. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

type ProfilePoint = Pick<ProfileView['points'][number], 'key' | 'type'>;
type Login = Pick<IssuedCredential, 'kind' | 'username' | 'password'>;
/** Nothing that would raise an alarm of its own accord: the first try of a device should not call the fire brigade. */
const EXAMPLES = { number: 1, boolean: false, string: 'test' } as const;

/** The names of dialects that a device may be registered with; `standard` is our own. */
export const DIALECTS = [
  'standard',
  'thingsboard',
  'jetlinks',
  'sparkplug',
  'alibaba',
  'huawei',
  'onenet',
] as const;

/**
 * A line to paste into a shell on any machine that reaches the broker: one reading of the device's first point.
 * The broker is reached under the name of this page's server. `null` where a shell cannot sign in so: a signature is made anew
 * for each sign-in, and the key of a certificate is where the device is.
 */
export function publishLine(
  device: { readonly deviceId: string; readonly points: readonly ProfilePoint[] },
  credential: Login,
  broker: { readonly host: string; readonly port: number },
): string | null {
  const point = device.points[0];
  const values = point === undefined ? {} : { [point.key]: EXAMPLES[point.type] };
  const mosquitto = `mosquitto_pub -h ${broker.host} -p ${broker.port} -q 1 -u ${quoted(credential.username)}`;
  switch (credential.kind) {
    case 'password': {
      const said = `-t ${quoted(telemetryTopic(device.deviceId))} -m ${quoted(JSON.stringify({ values }))}`;
      return `${mosquitto} -P ${quoted(credential.password)} ${said}`;
    }
    case 'token':
      return `${mosquitto} -t 'v1/devices/me/telemetry' -m ${quoted(JSON.stringify(values))}`;
    case 'signed':
    case 'certificate':
      return null;
  }
}
