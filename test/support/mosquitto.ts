import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, temporaryFolder } from './server-process.js';

const BROKER = '/usr/sbin/mosquitto';
const START_ATTEMPTS = 200;
const ATTEMPT_EVERY_MS = 50;

/** Why tests with a real broker of others cannot run here; undefined where they can. */
export const mosquittoMissing: string | undefined = existsSync(BROKER)
  ? undefined
  : `${BROKER} is not installed (Debian: apt-get install --no-install-recommends mosquitto)`;

/** Why tests with the command line clients cannot run here; undefined where they can. */
export const mosquittoClientsMissing: string | undefined = [
  '/usr/bin/mosquitto_pub',
  '/usr/bin/mosquitto_sub',
].every(existsSync)
  ? undefined
  : 'mosquitto_pub and mosquitto_sub are not installed (Debian: apt-get install mosquitto-clients)';

/** Debian's Mosquitto with a configuration, folder and port of its own; it can be killed and started again. */
export class Mosquitto {
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly config: string,
    private readonly remove: () => Promise<void>,
  ) {}

  /** `accounts`: passwords by user name; nobody else comes in. `rights`: an ACL file of Mosquitto. */
  static async start(accounts: Readonly<Record<string, string>>, rights: string): Promise<Mosquitto> {
    const folder = await temporaryFolder();
    const file = (name: string): string => join(folder.path, name);
    const port = await freePort();
    await writeFile(file('passwords'), '');
    for (const [username, password] of Object.entries(accounts)) {
      execFileSync('mosquitto_passwd', ['-b', file('passwords'), username, password]);
    }
    // Started by root it gives root up, and must read its files all the same.
    await chmod(folder.path, 0o777);
    await chmod(file('passwords'), 0o644);
    await writeFile(file('rights'), rights);
    const config = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${file('passwords')}`,
      `acl_file ${file('rights')}`,
      'persistence true',
      `persistence_location ${folder.path}/`,
      // What a centre needs that is sometimes away: nothing is dropped while it is.
      'max_queued_messages 0',
      'log_dest none',
    ];
    await writeFile(file('mosquitto.conf'), config.join('\n'));
    const broker = new Mosquitto(port, file('mosquitto.conf'), folder.remove);
    await broker.startAgain();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Starts it again on the same files and port. */
  async startAgain(): Promise<void> {
    const broker = spawn(BROKER, ['-c', this.config], { stdio: 'ignore' });
    this.#process = broker;
    for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
      if (broker.exitCode !== null) break;
      if (await answers(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, ATTEMPT_EVERY_MS));
    }
    throw new Error(`mosquitto does not listen on ${this.port}`);
  }

  /** An orderly stop: what it holds is written down. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async dispose(): Promise<void> {
    await this.#end('SIGKILL');
    await this.remove();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ending = this.#process;
    this.#process = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
