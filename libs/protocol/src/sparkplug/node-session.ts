import {
  type CommandMessage,
  type CommandRefusal,
  type DialectResult,
  type DialectSession,
  type Downlink,
} from '../dialect.js';
import { Outcome } from '../dialects/outcome.js';
import { type DecodeLimits } from '../limits.js';
import { quoted } from '../refusal.js';
import { encodeCommand, rebirthCommand } from './commands.js';
import { type SparkplugLimits } from './limits.js';
import { BD_SEQ, MetricReporter } from './metric-reporter.js';
import { MetricTable } from './metric-table.js';
import { decodePayload, type SparkplugPayload, type Unsigned64 } from './payload.js';
import { ReadBack } from './read-back.js';
import { commandTopic, isForNode, isOwnFilter, parseUplinkTopic, type UplinkTopic } from './topic.js';

/** `lost`: a number of the sequence is missing, or time ran backwards: nothing is believed until the node is born again. */
type Trust = 'unborn' | 'born' | 'lost';

/**
 * The host's side of one edge node. The edge node is the MQTT device; the devices of Sparkplug are its children.
 *
 * The reorder timeout of Sparkplug 3.0, 5.9 (a SHOULD) is zero here: a missing number is asked for at once. The timeout is there for MQTT
 * servers that reorder; one connection does not, so that the missing message will not come, and a session without a clock
 * could wait only for the next message, which a node that reports by exception may owe us for hours.
 */
export class NodeSession implements DialectSession {
  private readonly table = new MetricTable();
  private readonly readBack = new ReadBack();
  private readonly reporter: MetricReporter;
  private readonly present = new Set<string>();
  private trust: Trust = 'unborn';
  private nextSeq = 0;
  private bdSeq: Unsigned64 | undefined;
  /** `timestamp` of the last NBIRTH. */
  private bornAt: Unsigned64 | undefined;
  /** Receive time of the last message: the only clock there is. */
  private now = 0;
  private askedAt = -Infinity;
  private askedInVain = false;

  constructor(
    private readonly edgeNode: string,
    private readonly decodeLimits: DecodeLimits,
    private readonly limits: SparkplugLimits,
    private groupId: string | undefined,
  ) {
    this.reporter = new MetricReporter(this.table, this.readBack, decodeLimits, limits);
  }

  /** Of the topic of the first message; kept by whoever wants to greet a node that does not connect anew. */
  get group(): string | undefined {
    return this.groupId;
  }

  greeting(receivedAt: number): Downlink | undefined {
    this.now = receivedAt;
    if (this.groupId === undefined || this.trust === 'born') return undefined;
    return this.rebirthRequest(this.groupId);
  }

  mayHear(filter: string): boolean {
    return isOwnFilter(filter, this.edgeNode, this.groupId);
  }

  isForDevice(topic: string): boolean {
    return isForNode(topic, this.edgeNode, this.groupId);
  }

  receive(topic: string, bytes: Uint8Array, receivedAt: number): DialectResult | undefined {
    const address = parseUplinkTopic(topic, this.edgeNode);
    if (address === undefined) return undefined;
    this.groupId ??= address.group;
    if (address.group !== this.groupId) return undefined;
    this.now = receivedAt;
    const outcome = new Outcome();
    const payload = decodePayload(bytes, {
      maxMetrics: this.limits.maxMetricsPerPayload,
      maxStringLength: this.decodeLimits.maxStringLength,
    });
    if (payload === undefined) {
      outcome.refuse('malformed_protobuf', 'the payload is no Sparkplug B payload');
    } else if (payload.uuid === 'SPBV1.0_COMPRESSED') {
      outcome.refuse(
        'compressed',
        'compressed payloads are not read: switch compression off in the edge node',
      );
    } else {
      this.dispatch(address, payload, outcome);
    }
    return outcome.result();
  }

  command(command: CommandMessage, child?: string): Downlink | CommandRefusal {
    const { groupId } = this;
    if (groupId === undefined)
      return { refused: 'the edge node has not published yet, so its group is unknown', notYet: true };
    if (command.command === 'rebirth' || command.command === 'read_now') {
      this.readBack.awaitBirth(command.commandId, child, command.expires);
      return this.rebirthRequest(groupId);
    }
    if (this.trust !== 'born' || !this.table.isBorn(child)) {
      return { refused: 'not born: only a birth tells names and datatypes of the metrics', notYet: true };
    }
    const encoded = encodeCommand(command, this.now, (name) => this.table.byName(child, name));
    if ('refused' in encoded) return encoded;
    const downlink = { topic: commandTopic(groupId, this.edgeNode, child), payload: encoded.payload };
    if (encoded.written.size === 0) return { ...downlink, unanswered: true };
    this.readBack.awaitValues(command.commandId, child, command.expires, encoded.written);
    return downlink;
  }

  private dispatch(address: UplinkTopic, payload: SparkplugPayload, outcome: Outcome): void {
    if (payload.beyondBound > 0) {
      const most = this.limits.maxMetricsPerPayload;
      outcome.refuse('too_many_metrics', `${payload.beyondBound} metrics beyond the ${most} of one payload`);
    }
    switch (address.type) {
      case 'NBIRTH':
        return this.nodeBirth(payload, outcome);
      case 'NDEATH':
        return this.nodeDeath(payload, outcome);
      case 'DBIRTH':
        return this.deviceBirth(address.device, payload, outcome);
      case 'DDEATH':
        return this.deviceDeath(address.device, payload, outcome);
      case 'NDATA':
      case 'DDATA':
        return this.data(address.device, payload, outcome);
    }
  }

  private nodeBirth(payload: SparkplugPayload, outcome: Outcome): void {
    if (isBefore(payload.timestamp, this.bornAt)) {
      // A birth that was overtaken by a later one, or a clock set back: the next birth decides, whatever its time.
      this.lose();
      this.bornAt = undefined;
      outcome.refuse('out_of_sequence', 'the birth is older than the one before it');
      this.askForRebirth(outcome);
      return;
    }
    const bdSeq = bdSeqOf(payload);
    if (this.bdSeq !== bdSeq) this.everybodyLeaves('node_reborn', outcome);
    this.table.clear();
    this.trust = 'born';
    this.bdSeq = bdSeq;
    this.bornAt = payload.timestamp;
    this.askedInVain = false;
    if (payload.seq === undefined || payload.seq > 255) {
      outcome.refuse('seq_invalid', 'seq of an NBIRTH must be 0 to 255; taken as 0');
    }
    // Any start: the specification says 0 in one chapter and 0 to 255 in another (its issues 178 and 236).
    this.nextSeq = payload.seq === undefined || payload.seq > 255 ? 1 : (Number(payload.seq) + 1) % 256;
    this.reporter.birth(undefined, payload, outcome);
    outcome.uplinks.push(...this.readBack.settle(this.now, null));
    outcome.becomesReady();
  }

  private nodeDeath(payload: SparkplugPayload, outcome: Outcome): void {
    const bdSeq = bdSeqOf(payload);
    // Without a number on one of the sides nothing says that the death is late; to believe it is the safe side.
    if (this.bdSeq !== undefined && bdSeq !== undefined && bdSeq !== this.bdSeq) {
      outcome.add({ kind: 'ignored', what: 'death of an earlier session' });
      return;
    }
    if (this.present.size === 0) outcome.add({ kind: 'ignored', what: 'death of a node without devices' });
    this.everybodyLeaves('node_death', outcome);
    this.table.clear();
    this.trust = 'unborn';
    this.bornAt = undefined;
    this.bdSeq = undefined;
  }

  private deviceBirth(device: string, payload: SparkplugPayload, outcome: Outcome): void {
    if (!this.isNext(payload, outcome)) return;
    if (!this.table.isBorn(device) && this.table.deviceCount >= this.limits.maxDevices) {
      outcome.refuse('too_many_children', `more than ${this.limits.maxDevices} devices behind one edge node`);
      return;
    }
    if (!this.present.has(device)) {
      this.present.add(device);
      outcome.add({ kind: 'presence', child: device, connected: true, reason: 'device_birth' });
    }
    this.reporter.birth(device, payload, outcome);
    outcome.uplinks.push(...this.readBack.settle(this.now, device));
    outcome.becomesReady(device);
  }

  /** Believed even out of sequence: to take a device for gone too early is repaired by the rebirth. */
  private deviceDeath(device: string, payload: SparkplugPayload, outcome: Outcome): void {
    this.isNext(payload, outcome);
    this.table.forget(device);
    this.present.delete(device);
    outcome.add({ kind: 'presence', child: device, connected: false, reason: 'device_death' });
  }

  private data(device: string | undefined, payload: SparkplugPayload, outcome: Outcome): void {
    if (!this.isNext(payload, outcome)) return;
    if (!this.table.isBorn(device)) {
      outcome.refuse('birth_missing', `data of device ${quoted(device ?? '')} before its DBIRTH`);
      this.askForRebirth(outcome, this.limits.rebirthRepeatMs);
      return;
    }
    if (!this.reporter.data(device, payload, outcome))
      this.askForRebirth(outcome, this.limits.rebirthRepeatMs);
    outcome.uplinks.push(...this.readBack.settle(this.now));
    if (outcome.uplinks.length === 0 && outcome.refusals.length === 0) {
      outcome.add({ kind: 'ignored', what: 'message without values' });
    }
  }

  /** Whether the message is the one that follows; if not, why not is told and a rebirth is asked for. */
  private isNext(payload: SparkplugPayload, outcome: Outcome): boolean {
    if (this.trust === 'born') {
      const expected = this.nextSeq;
      if (payload.seq === expected && !isBefore(payload.timestamp, this.bornAt)) {
        this.nextSeq = (expected + 1) % 256;
        return true;
      }
      this.lose();
      outcome.refuse(
        'out_of_sequence',
        payload.seq === expected
          ? 'the message is older than the birth of its node'
          : `seq ${payload.seq ?? 'missing'} where ${expected} was due: messages are missing`,
      );
    } else if (this.trust === 'lost') {
      outcome.refuse('out_of_sequence', 'messages are missing: nothing is used until the node is born again');
    } else {
      outcome.refuse('birth_missing', 'the node has not been born since it connected');
    }
    this.askForRebirth(outcome);
    return false;
  }

  private lose(): void {
    this.trust = 'lost';
    this.table.clear();
  }

  private everybodyLeaves(reason: string, outcome: Outcome): void {
    for (const child of this.present) outcome.add({ kind: 'presence', child, connected: false, reason });
    this.present.clear();
  }

  private askForRebirth(outcome: Outcome, pauseMs = this.limits.rebirthPauseMs): void {
    const since = this.now - this.askedAt;
    // A clock that was set back must not silence us.
    if (since >= 0 && since < (this.askedInVain ? this.limits.rebirthRepeatMs : pauseMs)) return;
    if (this.groupId !== undefined) outcome.answers.push(this.rebirthRequest(this.groupId));
  }

  private rebirthRequest(group: string): Downlink {
    this.askedAt = this.now;
    this.askedInVain = true;
    return { topic: commandTopic(group, this.edgeNode), payload: rebirthCommand(this.now) };
  }
}

function isBefore(time: Unsigned64 | undefined, other: Unsigned64 | undefined): boolean {
  return time !== undefined && other !== undefined && time < other;
}

function bdSeqOf(payload: SparkplugPayload): Unsigned64 | undefined {
  for (const metric of payload.metrics) {
    if ('broken' in metric || metric.name !== BD_SEQ) continue;
    if (metric.value?.kind === 'long' || metric.value?.kind === 'int') return metric.value.value;
  }
  return undefined;
}
