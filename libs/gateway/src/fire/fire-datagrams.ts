import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { framesOfDatagram, type StreamItem } from '@watchfire/protocol';
import { count } from '../counters.js';
import { type GatewayLog, RefusalLog } from '../refusal-log.js';
import { WorkInProgress } from '../time-limit.js';
import { type AllowedSources, plainAddress } from './allowed-sources.js';
import { type FireCounters } from './fire-counters.js';
import { type FireLine } from './fire-links.js';
import { type FireOptions } from './fire-options.js';
import { DatagramLine } from './datagram-line.js';

export interface FireDatagramsOwner {
  readonly options: FireOptions;
  readonly commands: ReadonlySet<number>;
  readonly sources: AllowedSources;
  readonly counters: FireCounters;
  readonly log: GatewayLog;
  monotonicMs(): number;
  /** `undefined`: nothing to wait for. Never rejects. */
  take(line: FireLine, item: StreamItem): Promise<void> | undefined;
  /** Whether a device speaks on it. */
  leads(line: FireLine): boolean;
  /** `undefined`: nobody has said who it is. */
  silenceLimitMs(line: FireLine): number | undefined;
  ended(line: FireLine, reason: string): void;
}

/** What the kernel keeps for us while we are busy; it gives what it allows. */
const RECEIVE_BUFFER_BYTES = 4_194_304;

/**
 * GB/T 26875.3 over UDP. Source addresses can be forged, so nothing is kept of whom we do not know, and nobody is sent more bytes than came
 * from his address until he has shown that he hears us there.
 */
export class FireDatagrams {
  /** By address and port, the one that was silent the longest first. */
  private readonly lines = new Map<string, DatagramLine>();
  private readonly sending = new WorkInProgress();
  private readonly refusals: RefusalLog;
  private socket: Socket | undefined;
  private inflight = 0;
  private isStopped = false;

  constructor(private readonly owner: FireDatagramsOwner) {
    this.refusals = new RefusalLog(owner.log, () => owner.monotonicMs());
  }

  /** Rejects when the port is taken. */
  listen(port: number, host: string): Promise<number> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port, address: host }, () => {
        socket.off('error', reject);
        socket.on('error', () => count(this.owner.counters.internalErrors, 'datagrams'));
        socket.on('message', (bytes, from) => this.received(bytes, from));
        socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
        this.socket = socket;
        resolve(socket.address().port);
      });
    });
  }

  /** Nothing more is read; answers to what was read still go out. */
  stopReading(): void {
    this.isStopped = true;
  }

  /** Closes after the answers have gone out. */
  async finish(reason: string): Promise<void> {
    await this.sending.idle();
    for (const line of [...this.lines.values()]) line.close(reason);
    const { socket } = this;
    if (socket === undefined) return;
    this.socket = undefined;
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  /** Ends lines that are silent for longer than the profile allows. */
  look(now: number): void {
    for (const line of [...this.lines.values()]) {
      const limitMs = this.owner.silenceLimitMs(line);
      if (limitMs === undefined || now - line.heardAt > limitMs) line.close('idle_timeout');
    }
  }

  private received(bytes: Uint8Array, from: RemoteInfo): void {
    const { counters, sources, options, commands } = this.owner;
    counters.datagrams++;
    const peer = plainAddress(from.address);
    if (this.isStopped) return count(counters.datagramsDropped, 'server_stop');
    if (!sources.allow(peer)) {
      return this.refusals.note(counters.datagramsDropped, 'source_not_allowed', { peer });
    }
    // Nobody can be answered there.
    if (from.port === 0) return count(counters.datagramsDropped, 'no_port');
    if (this.inflight >= options.maxDatagramFrames) {
      return this.refusals.note(counters.datagramsDropped, 'busy', { peer });
    }
    const key = `${from.address} ${from.port}`;
    const line = this.lines.get(key) ?? this.line(key, peer, from);
    line.received(bytes.length, this.owner.monotonicMs());
    for (const item of framesOfDatagram(bytes, { commands })) this.take(line, item);
    if (this.owner.leads(line)) this.keep(key, line);
  }

  private line(key: string, peer: string, { address, port }: RemoteInfo): DatagramLine {
    const { counters } = this.owner;
    return new DatagramLine(peer, {
      counters,
      isBusy: (inflight) => {
        const { maxInflight, maxDatagramFrames } = this.owner.options;
        return inflight >= maxInflight || this.inflight >= maxDatagramFrames / 2;
      },
      send: (bytes) => this.send(bytes, address, port),
      ended: (line, reason) => {
        if (this.lines.get(key) === line) {
          this.lines.delete(key);
          counters.datagramLines = this.lines.size;
          count(counters.connectionsClosed, reason);
        }
        this.owner.ended(line, reason);
      },
    });
  }

  private keep(key: string, line: DatagramLine): void {
    this.lines.delete(key);
    this.lines.set(key, line);
    this.owner.counters.datagramLines = this.lines.size;
    if (this.lines.size <= this.owner.options.maxConnections) return;
    const [oldest] = this.lines.values();
    oldest?.close('too_many_lines');
  }

  private take(line: DatagramLine, item: StreamItem): void {
    const work = this.owner.take(line, item);
    if (work === undefined) return;
    this.inflight++;
    line.inflight++;
    const done = (): void => {
      this.inflight--;
      line.inflight--;
    };
    work.then(done, (error: unknown) => {
      count(this.owner.counters.internalErrors, 'fire_datagram');
      this.owner.log.error({ err: error, peer: line.peer }, 'a datagram of a fire-control room failed');
      done();
    });
  }

  private send(bytes: Uint8Array, address: string, port: number): void {
    const { socket } = this;
    if (socket === undefined) return;
    // A network that is not there costs this datagram: what is not confirmed comes again.
    this.sending.track(new Promise<void>((resolve) => socket.send(bytes, port, address, () => resolve())));
  }
}
