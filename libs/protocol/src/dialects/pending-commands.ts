export interface SentCommand {
  readonly commandId: string;
  /** The device behind the connection that it was sent to. */
  readonly child: string | undefined;
}

interface Pending extends SentCommand {
  readonly wireId: number;
}

/** Commands of one device that may wait for their replies; beyond, the oldest is forgotten. */
const MAX_PENDING = 256;

/**
 * Which command an id on the wire stands for. Many protocols have room for a small number only; it is derived from the command's
 * id, not counted from one: a reply that comes late, on the next connection, must never answer another command, and a
 * command that is sent again has the id that the device may have seen.
 */
export class PendingCommands {
  private readonly byWireId = new Map<number, Pending>();

  /** The number from 1 to 2^31 − 1 that stands for the command. */
  add(commandId: string, child?: string): number {
    let id = hash31(commandId);
    for (let other = this.byWireId.get(id); other !== undefined; other = this.byWireId.get(id)) {
      if (other.commandId === commandId) break;
      id = id === MAX_WIRE_ID ? 1 : id + 1;
    }
    this.byWireId.delete(id);
    this.byWireId.set(id, { wireId: id, commandId, child });
    for (const oldest of this.byWireId.keys()) {
      if (this.byWireId.size <= MAX_PENDING) break;
      this.byWireId.delete(oldest);
    }
    return id;
  }

  /** The command with this number, once; the number may come as a number or as text. */
  take(wireId: unknown): SentCommand | undefined {
    return this.settle(this.byWireId.get(wireNumber(wireId)));
  }

  /** The same, only when it was sent to this device: `undefined` is the one that holds the connection. */
  takeFrom(child: string | undefined, wireId: unknown): SentCommand | undefined {
    const found = this.byWireId.get(wireNumber(wireId));
    return found?.child === child ? this.settle(found) : undefined;
  }

  /** The same, where the wire carries the command's own id. */
  takeCommand(commandId: unknown): SentCommand | undefined {
    return this.settle(this.find(commandId));
  }

  takeCommandFrom(child: string | undefined, commandId: unknown): SentCommand | undefined {
    const found = this.find(commandId);
    return found?.child === child ? this.settle(found) : undefined;
  }

  private find(commandId: unknown): Pending | undefined {
    for (const pending of this.byWireId.values()) {
      if (pending.commandId === commandId) return pending;
    }
    return undefined;
  }

  private settle(pending: Pending | undefined): SentCommand | undefined {
    if (pending !== undefined) this.byWireId.delete(pending.wireId);
    return pending;
  }
}

const wireNumber = (wireId: unknown): number => {
  if (typeof wireId === 'number') return wireId;
  return typeof wireId === 'string' && /^[0-9]{1,10}$/.test(wireId) ? Number(wireId) : NaN;
};

const MAX_WIRE_ID = 0x7fff_ffff;

/** FNV-1a over UTF-16 code units, folded to 1 … 2^31 − 1: what signed 32-bit ids of devices can hold. */
function hash31(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  return (hash & MAX_WIRE_ID) === 0 ? 1 : hash & MAX_WIRE_ID;
}
