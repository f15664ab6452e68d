import { type Uplink } from '../dialect.js';
import { of } from '../dialects/outcome.js';
import { wireMap } from '../json.js';
import { type Scalar } from '../telemetry.js';

interface PendingCommand {
  readonly commandId: string;
  readonly child: string | undefined;
  /** Epoch ms. */
  readonly expires: number;
  /** The birth that was asked for: `null` of the node itself; undefined where values were written. */
  readonly birthOf?: string | null;
  /** What was written and not yet read back. */
  readonly awaited: Map<string, Scalar>;
  readonly readBack: Record<string, Scalar>;
}

const MAX_PENDING = 64;

/**
 * Sparkplug has no reply to a command. What it offers is the read-back: the node reports the metric with the value that was
 * written, or is born again when that was asked. So a command is answered with `ok` when this is seen before it expires,
 * and otherwise not at all; a refusal of the node cannot be told from silence.
 */
export class ReadBack {
  private pending: PendingCommand[] = [];

  awaitValues(
    commandId: string,
    child: string | undefined,
    expires: number,
    written: Map<string, Scalar>,
  ): void {
    this.add({ commandId, child, expires, awaited: written, readBack: wireMap() });
  }

  awaitBirth(commandId: string, child: string | undefined, expires: number): void {
    this.add({ commandId, child, expires, birthOf: child ?? null, awaited: new Map(), readBack: wireMap() });
  }

  /** A value that the device reports as current and good. */
  sawValue(device: string | undefined, name: string, value: Scalar): void {
    for (const command of this.pending) {
      if (command.child !== device || command.awaited.get(name) !== value) continue;
      command.awaited.delete(name);
      command.readBack[name] = value;
    }
  }

  /** Replies to what has been read back by now; what has expired is dropped. */
  settle(now: number, born?: string | null): Uplink[] {
    if (this.pending.length === 0) return [];
    const replies: Uplink[] = [];
    this.pending = this.pending.filter((command) => {
      if (now > command.expires) return false;
      const done =
        command.birthOf === undefined
          ? command.awaited.size === 0
          : born !== undefined && command.birthOf === born;
      if (done) replies.push(reply(command));
      return !done;
    });
    return replies;
  }

  private add(command: PendingCommand): void {
    if (this.pending.length === MAX_PENDING) this.pending.shift();
    this.pending.push(command);
  }
}

function reply({ commandId, child, birthOf, readBack }: PendingCommand): Uplink {
  return {
    kind: 'command-reply',
    commandId,
    ok: true,
    ...of(child),
    ...(birthOf === undefined ? { data: readBack } : {}),
  };
}
