import { connectAsync, type MqttClient } from 'mqtt';
import { ApiClient } from './api-client.js';
import { freePort, ServerProcess, type ServerProcessOptions, temporaryFolder } from './server-process.js';

/** A centre on a temporary folder that can be killed and started again on the same data and ports. */
export class Centre {
  server: ServerProcess;
  readonly #options: ServerProcessOptions;
  readonly #remove: () => Promise<void>;

  private constructor(server: ServerProcess, options: ServerProcessOptions, remove: () => Promise<void>) {
    this.server = server;
    this.#options = options;
    this.#remove = remove;
  }

  static async start(more: Partial<ServerProcessOptions> = {}): Promise<Centre> {
    const folder = await temporaryFolder();
    const options = {
      data: folder.path,
      httpPort: await freePort(),
      mqttPort: await freePort(),
      ...more,
    };
    try {
      return new Centre(await ServerProcess.start(options), options, folder.remove);
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  get options(): ServerProcessOptions {
    return this.#options;
  }

  async startAgain(): Promise<void> {
    this.server = await ServerProcess.start(this.#options);
  }

  signIn(username?: string, password?: string): Promise<ApiClient> {
    return ApiClient.signedIn(this.server.url, username, password);
  }

  /** A real MQTT client with the device's credential. */
  connect(credential: { readonly username: string; readonly password: string }): Promise<MqttClient> {
    return connectAsync(this.server.mqttUrl, { ...credential, reconnectPeriod: 0, connectTimeout: 10_000 });
  }

  async end(): Promise<void> {
    await this.server.kill9();
    await this.#remove();
  }
}
