import { CommandCarrier, type HandOver } from '@watchfire/commands';
import { type ExternalBrokerGateway, type FireServer, type MqttGateway } from '@watchfire/gateway';
import { type CommandMessage } from '@watchfire/protocol';

type Door = Pick<MqttGateway | ExternalBrokerGateway | FireServer, 'listens' | 'send'>;

/** The way to devices over whatever doors there are; they open after those who send commands are ready. */
export class DeviceLink extends CommandCarrier {
  readonly #doors: Door[] = [];

  open(door: Door): void {
    this.#doors.push(door);
  }

  override listens(deviceId: string): boolean {
    return this.#doors.some((door) => door.listens(deviceId));
  }

  override async send(deviceId: string, command: CommandMessage): Promise<HandOver> {
    for (const door of this.#doors) {
      if (door.listens(deviceId)) return door.send(deviceId, command);
    }
    return 'absent';
  }
}
