import {
  GenericContainer,
  type StartedTestContainer,
  Wait,
  getContainerRuntimeClient,
  ImageName,
} from 'testcontainers';

const IMAGE = process.env['WATCHFIRE_TEST_INFLUX_IMAGE'] ?? 'influxdb:2.7';
const PORT = 8086;

// The reaper is an image of its own, which would have to be pulled; the spec stops its container itself.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';

export const CONTAINER_ACCOUNT = {
  org: 'watchfire',
  bucket: 'watchfire',
  token: 'a-token-for-tests-only',
} as const;

/** Why no InfluxDB container can be started here; undefined where one can. Images are never pulled. */
export async function containerMissing(): Promise<string | undefined> {
  try {
    const runtime = await getContainerRuntimeClient();
    const present = await runtime.image.exists(ImageName.fromString(IMAGE));
    return present ? undefined : `no local image ${IMAGE}; name another by WATCHFIRE_TEST_INFLUX_IMAGE`;
  } catch (error) {
    return `no container engine answers: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
}

export interface InfluxContainer {
  readonly url: string;
  /** Generation 1 has neither tokens nor organisations. */
  readonly api: 'v1' | 'v2';
  stop(): Promise<void>;
}

export async function startInfluxContainer(): Promise<InfluxContainer> {
  const container: StartedTestContainer = await new GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    .withEnvironment({
      DOCKER_INFLUXDB_INIT_MODE: 'setup',
      DOCKER_INFLUXDB_INIT_USERNAME: 'watchfire',
      DOCKER_INFLUXDB_INIT_PASSWORD: 'watchfire-tests',
      DOCKER_INFLUXDB_INIT_ORG: CONTAINER_ACCOUNT.org,
      DOCKER_INFLUXDB_INIT_BUCKET: CONTAINER_ACCOUNT.bucket,
      DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: CONTAINER_ACCOUNT.token,
    })
    .withWaitStrategy(Wait.forHttp('/ping', PORT).forStatusCodeMatching((status) => status < 300))
    .withStartupTimeout(60_000)
    .start();
  const url = `http://${container.getHost()}:${container.getMappedPort(PORT)}`;
  const version = (await fetch(`${url}/ping`)).headers.get('x-influxdb-version') ?? '';
  return {
    url,
    api: /^v?1\./.test(version) ? 'v1' : 'v2',
    stop: async () => {
      await container.stop();
    },
  };
}
