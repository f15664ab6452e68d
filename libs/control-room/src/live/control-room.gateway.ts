import {
  Ack,
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import {
  CONTROL_ROOM_NAMESPACE,
  type Refusal,
  type SubscribeReply,
  type WatchReply,
} from '@watchfire/contracts';
import { type z } from 'zod';
import { AuditTrail } from '../conduct/audit-trail.js';
import { Problem } from '../problem/problem.js';
import { toProblem } from '../problem/translate.js';
import { LiveDoor } from './live-door.js';
import { type LiveNamespace, type LivePage, type LiveSocket } from './live-page.js';
import { LiveRoom } from './live-room.js';
import { Seats } from './seats.js';
import { WatchScope } from './watch-scope.js';
import { audioMessage, drawnMessage, subscribeMessage, watchMessage } from './messages.js';

type Reply<T> = ((answer: T | Refusal) => void) | undefined;

/** What a message costs of a page's budget: those that make the server read and send much cost more. */
const COST = { light: 1, heavy: 10 } as const;

/** The socket side of the control room: checks what pages say, and hands it to the live room. */
@WebSocketGateway({ namespace: CONTROL_ROOM_NAMESPACE })
export class ControlRoomGateway
  implements OnGatewayInit<LiveNamespace>, OnGatewayConnection<LiveSocket>, OnGatewayDisconnect<LiveSocket>
{
  constructor(
    private readonly door: LiveDoor,
    private readonly room: LiveRoom,
    private readonly scope: WatchScope,
    private readonly seats: Seats,
    private readonly trail: AuditTrail,
  ) {}

  afterInit(namespace: LiveNamespace): void {
    namespace.use((socket, next) => {
      this.door.admit(socket).then(
        () => next(),
        (error: unknown) => {
          const { code, message } = toProblem(error);
          next(Object.assign(new Error(code), { data: { code, message } }));
        },
      );
    });
    this.room.open(namespace);
  }

  handleConnection(socket: LiveSocket): void {
    this.room.enter(socket);
  }

  handleDisconnect(socket: LiveSocket): void {
    this.room.left(socket);
  }

  @SubscribeMessage('subscribe')
  subscribe(
    @ConnectedSocket() socket: LiveSocket,
    @MessageBody() message: unknown,
    @Ack() reply: Reply<SubscribeReply>,
  ): void {
    this.#answer(socket, reply, COST.heavy, (page) => {
      this.room.subscribe(page, parsed(subscribeMessage, message), (answer) => reply?.(answer));
    });
  }

  @SubscribeMessage('watch')
  watch(
    @ConnectedSocket() socket: LiveSocket,
    @MessageBody() message: unknown,
    @Ack() reply: Reply<WatchReply>,
  ): void {
    this.#answer(socket, reply, COST.heavy, async (page) => {
      const points = await this.scope.visible(parsed(watchMessage, message).points, page.visibility);
      this.room.watch(page, points);
      reply?.({ ok: true, points: points.size });
    });
  }

  @SubscribeMessage('drawn')
  drawn(
    @ConnectedSocket() socket: LiveSocket,
    @MessageBody() message: unknown,
    @Ack() reply: Reply<Refusal>,
  ): void {
    this.#answer(socket, reply, COST.light, (page) => this.room.drawn(page, parsed(drawnMessage, message)));
  }

  @SubscribeMessage('audio:armed')
  audio(
    @ConnectedSocket() socket: LiveSocket,
    @MessageBody() message: unknown,
    @Ack() reply: Reply<Refusal>,
  ): void {
    this.#answer(socket, reply, COST.heavy, (page) => {
      const { armed } = parsed(audioMessage, message);
      page.armAudio(armed);
      const action = armed ? 'audio-armed' : 'audio-disarmed';
      const { entry, address } = socket.data;
      return this.trail.write({
        actor: entry.user.username,
        action,
        subject: socket.id,
        detail: {},
        address,
      });
    });
  }

  /** Nothing that a page sends may throw out of here: it is answered, and the page lives on. */
  #answer(
    socket: LiveSocket,
    reply: ((refusal: Refusal) => void) | undefined,
    cost: number,
    act: (page: LivePage) => void | Promise<void>,
  ): void {
    const page = this.seats.of(socket);
    if (page === undefined) return;
    const refuse = (error: unknown): void => {
      const { code, message } = toProblem(error);
      reply?.({ ok: false, code, message });
    };
    if (!page.budget.take(cost)) {
      refuse(new Problem('too_busy'));
      return;
    }
    try {
      Promise.resolve(act(page)).catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }
}

function parsed<T>(schema: z.ZodType<T>, message: unknown): T {
  const result = schema.safeParse(message);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message: text }) => `${path.join('.')}: ${text}`);
  throw new Problem('invalid_request', issues.slice(0, 3).join('; '));
}
