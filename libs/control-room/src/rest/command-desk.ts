import { Inject, Injectable } from '@nestjs/common';
import { STANDARD_COMMANDS } from '@watchfire/contracts';
import { COMMANDS_OF, type CommandsOf } from '../dependencies.js';

/** Which commands a kind of device takes [CM14]. */
@Injectable()
export class CommandDesk {
  constructor(@Inject(COMMANDS_OF) private readonly commandsOf: CommandsOf) {}

  offered(profile: string): readonly string[] {
    return this.commandsOf(profile) ?? STANDARD_COMMANDS;
  }
}
