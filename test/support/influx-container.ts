import { type InfluxHistoryOptions } from '@watchfire/history';
import { GenericContainer, ImageName, Wait, getContainerRuntimeClient } from 'testcontainers';

// The reaper is an image of its own, which would have to be pulled; the spec stops its container itself.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';

const ACCOUNT = { org: 'watchfire', bucket: 'watchfire' } as const;
const TOKEN = 'a-token-for-tests-only';

/** A server that the history is tested against, in an image that is used where it is there. */
export interface InfluxImage {
  readonly name: string;
  readonly port: number;
  readonly api: InfluxHistoryOptions['api'];
  readonly token: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

const SET_UP = {
  DOCKER_INFLUXDB_INIT_MODE: 'setup',
  DOCKER_INFLUXDB_INIT_USERNAME: 'watchfire',
  DOCKER_INFLUXDB_INIT_PASSWORD: 'watchfire-tests',
  DOCKER_INFLUXDB_INIT_ORG: ACCOUNT.org,
  DOCKER_INFLUXDB_INIT_BUCKET: ACCOUNT.bucket,
  DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: TOKEN,
};
const GENERATION_1 = { port: 8086, api: 'v1', token: '', environment: {}, command: [] } as const;

export const INFLUX_IMAGES: readonly InfluxImage[] = [
  // test/support/influx-image.sh makes it from Debian's package.
  { ...GENERATION_1, name: 'watchfire-test/influxdb:debian' },
  { ...GENERATION_1, name: 'influxdb:1.8' },
  { name: 'influxdb:2.7', port: 8086, api: 'v2', token: TOKEN, environment: SET_UP, command: [] },
  {
    name: 'influxdb:3-core',
    port: 8181,
    api: 'v3',
    token: '',
    environment: {},
    command: ['influxdb3', 'serve', '--node-id', 'tests', '--object-store', 'memory', '--without-auth'],
  },
];

/** Why no container of this image can be started here; undefined where one can. Images are never pulled. */
export async function containerMissing({ name }: InfluxImage): Promise<string | undefined> {
  try {
    const runtime = await getContainerRuntimeClient();
    const present = await runtime.image.exists(ImageName.fromString(name));
    return present ? undefined : `no local image ${name}, and none is pulled`;
  } catch (error) {
    return `no container engine answers: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
}

export interface InfluxContainer {
  readonly options: Omit<InfluxHistoryOptions, 'cursor'>;
  stop(): Promise<void>;
}

export async function startInfluxContainer(image: InfluxImage): Promise<InfluxContainer> {
  const { name, port, api, token, environment, command } = image;
  const described = new GenericContainer(name)
    .withExposedPorts(port)
    .withEnvironment(environment)
    .withWaitStrategy(Wait.forHttp('/ping', port).forStatusCodeMatching((status) => status < 300))
    .withStartupTimeout(60_000);
  if (command.length > 0) described.withCommand([...command]);
  const container = await described.start();
  return {
    options: {
      ...ACCOUNT,
      url: `http://${container.getHost()}:${container.getMappedPort(port)}`,
      api,
      token,
    },
    stop: async () => {
      await container.stop();
    },
  };
}
