import { setTimeout as sleep } from 'node:timers/promises';
import { type Generator } from './generator.js';
import { type IngestResult } from './ingest-load.js';
import { type Credential } from './mqtt-frames.js';
import { type IngestProfile } from './options.js';
import { type ServerName, type ServerUnderTest, type Verification } from './servers/server-under-test.js';

export interface IngestRound {
  readonly acksPerSecond: number;
  /** CPU of the server a message, µs: from the opening of the window until everything is stored. */
  readonly serverCpu: number | null;
  readonly generatorCpu: number | null;
  readonly ackP50: number;
  readonly ackP99: number;
  readonly acknowledged: number;
  readonly verification: Verification | null;
}

export interface IngestFigures {
  readonly server: ServerName;
  readonly profile: IngestProfile;
  readonly rounds: readonly IngestRound[];
  readonly errors: readonly string[];
}

const ROUND_TIMEOUT_MS = 90_000;
/** Between two rounds: what the last one left behind (closed sockets, garbage) is then gone. */
const PAUSE_MS = 500;

export interface IngestComparison {
  readonly servers: readonly ServerUnderTest[];
  readonly generator: Generator;
  readonly rounds: number;
  readonly progress: (line: string) => void;
}

/** Rounds of all servers in turn, each round beginning with another server: noise of the machine meets all of them. */
export async function compareIngest(
  profile: IngestProfile,
  { servers, generator, rounds, progress }: IngestComparison,
): Promise<IngestFigures[]> {
  const runners = await Promise.all(
    servers.map((server) => IngestRunner.prepare(server, profile, generator)),
  );
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < runners.length; turn++) {
      const runner = runners[(round + turn) % runners.length] as IngestRunner;
      progress(`  round ${round + 1}/${rounds} ${runner.describe(await runner.run(round))}`);
      await sleep(PAUSE_MS);
    }
  }
  return runners.map((runner) => runner.figures());
}

class IngestRunner {
  readonly #rounds: IngestRound[] = [];
  readonly #errors: string[] = [];
  #notBeforeTs = 0;

  private constructor(
    private readonly server: ServerUnderTest,
    private readonly profile: IngestProfile,
    private readonly devices: readonly Credential[],
    private readonly generator: Generator,
  ) {}

  static async prepare(
    server: ServerUnderTest,
    profile: IngestProfile,
    generator: Generator,
  ): Promise<IngestRunner> {
    return new IngestRunner(server, profile, await server.devices('load', profile.connections), generator);
  }

  /** A round that fails is reported and does not end the others. */
  async run(round: number): Promise<IngestRound | Error> {
    try {
      const result = await this.generator.ingest({
        port: this.server.mqttPort,
        serverPid: this.server.pid,
        devices: this.devices,
        inFlight: this.profile.inFlight,
        warmUp: this.profile.warmUp,
        count: this.profile.count,
        boot: `bench-${this.profile.connections}-${round}`,
        notBeforeTs: this.#notBeforeTs,
        timeoutMs: ROUND_TIMEOUT_MS,
      });
      this.#notBeforeTs = Math.max(...result.acknowledged.map(({ toTs }) => toTs)) + 2;
      const figures = await this.#judge(result);
      this.#rounds.push(figures);
      return figures;
    } catch (error) {
      this.#errors.push(`round ${round + 1}: ${(error as Error).message}`);
      return error as Error;
    }
  }

  async #judge(result: IngestResult): Promise<IngestRound> {
    const verification = (await this.server.verify?.(result.acknowledged)) ?? null;
    const acknowledged = result.acknowledged.reduce((sum, device) => sum + device.messages, 0);
    const inWindow = this.profile.count;
    return {
      acksPerSecond: inWindow / (result.elapsedMs / 1000),
      serverCpu: this.#serverCpu(result, acknowledged, verification),
      generatorCpu: result.generatorCpuMicros === null ? null : result.generatorCpuMicros / inWindow,
      ackP50: result.ackP50,
      ackP99: result.ackP99,
      acknowledged,
      verification,
    };
  }

  #serverCpu(result: IngestResult, acknowledged: number, verification: Verification | null): number | null {
    const { serverCpuAtOpen, serverCpuMicros } = result;
    if (serverCpuAtOpen === null || serverCpuMicros === null) return null;
    if (verification === null) return serverCpuMicros / this.profile.count;
    if (verification.cpuMicrosAtStored === null) return null;
    return (verification.cpuMicrosAtStored - serverCpuAtOpen) / (acknowledged - this.profile.warmUp);
  }

  describe(round: IngestRound | Error): string {
    const name = this.server.name.padEnd(10);
    if (round instanceof Error) return `${name} failed: ${round.message}`;
    const kept = round.verification;
    const loss = kept === null ? '' : `, lost ${kept.lost} of ${round.acknowledged}`;
    return `${name} ${Math.round(round.acksPerSecond).toLocaleString('en')} acks/s${loss}`;
  }

  figures(): IngestFigures {
    const { server, profile } = this;
    return { server: server.name, profile, rounds: this.#rounds, errors: this.#errors };
  }
}
