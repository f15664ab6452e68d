import { type CommandMessage } from '@watchfire/protocol';

/** `absent`: not one byte went out, and none will. `refused`: the same, since the device's dialect cannot say it. */
export type HandOver = 'sent' | 'absent' | { readonly refused: string };

/** The live connections of devices, as commands see them. */
export abstract class CommandCarrier {
  /** Whether a connection of the device is there and has subscribed to commands. */
  abstract listens(deviceId: string): boolean;
  /**
   * Hands the command to a live connection that listens for it, in the turn in which it is called: a carrier that must
   * wait before it writes looks at `expires` again, and answers `absent` when it has passed. Resolves when the bytes have
   * left, at the latest when the connection ends: until then the device is sent nothing else.
   */
  abstract send(deviceId: string, command: CommandMessage): Promise<HandOver>;
}
