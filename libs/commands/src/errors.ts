/**
 * Why a command, or its cancelling, was refused.
 *
 * - `expires_past`, `expires_too_late`: `expires` is not after now, or more than a day ahead
 * - `too_many_commands`: so many wait for the device, or for its answers, already
 * - `command_unknown`: the device has no such command
 * - `command_not_waiting`: it was sent, or is over: nothing is left to cancel
 * - `command_id_taken`: the id belongs to another command
 */
export type CommandRefusalCode =
  | 'expires_past'
  | 'expires_too_late'
  | 'too_many_commands'
  | 'command_unknown'
  | 'command_not_waiting'
  | 'command_id_taken';

export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';

  constructor(
    readonly code: CommandRefusalCode,
    message: string,
  ) {
    super(message);
  }
}
