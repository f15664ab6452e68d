import { Body, Controller, Get, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  auditQuery,
  type AuditView,
  deadLetterQuery,
  type DeadLetterView,
  newPassword,
  newUser,
  type Page,
  pageQuery,
  type UserView,
} from '@watchfire/contracts';
import { Clock } from '@watchfire/engine';
import { Registry } from '@watchfire/registry';
import { z } from 'zod';
import { Roles } from '../access/decorators.js';
import { type Principal, Who } from '../access/principal.js';
import { SessionDoor } from '../access/session-door.js';
import { Endpoint } from '../conduct/endpoint.js';
import { type DeadLetterReplay, REPLAY_DEAD_LETTER } from '../dependencies.js';
import { auditReply, deadLetterReply, pageOf, userReply } from '../openapi/schemas.js';
import { Problem } from '../problem/problem.js';
import { auditView, deadLetterView, mapPage, userView } from '../views/record-views.js';
import { asArgument, pathId } from './parameters.js';

@Controller('users')
@ApiTags('users')
@Roles('administrator')
export class UsersController {
  constructor(
    private readonly registry: Registry,
    private readonly door: SessionDoor,
  ) {}

  @Get()
  @Endpoint({ summary: 'People who may sign in', reply: pageOf(userReply) })
  async list(@Query({ schema: pageQuery }) page: z.infer<typeof pageQuery>): Promise<Page<UserView>> {
    return mapPage(await this.registry.users.list(page), userView);
  }

  @Post()
  @Endpoint({ summary: 'Add a person', reply: userReply, status: 201, audit: 'user-created' })
  async create(@Body({ schema: newUser }) body: z.infer<typeof newUser>): Promise<UserView> {
    if ((body.role === 'enterprise') !== (body.enterpriseId !== undefined)) {
      const message = 'needed for the role `enterprise`, and only for it';
      throw new Problem('invalid_request', `enterpriseId: ${message}`, {
        errors: [{ path: 'enterpriseId', message }],
      });
    }
    return userView(await asArgument(this.registry.users.create(body)));
  }

  @Post(':id/disable')
  @Endpoint({
    summary: 'Disable a person; their sessions and live pages end',
    reply: userReply,
    audit: 'user-disabled',
  })
  async disable(@Who() who: Principal, @Param('id', pathId) id: string): Promise<UserView> {
    if (id === who.user.id) throw new Problem('own_account');
    await this.registry.users.setDisabled(id, true);
    await this.door.endAllOf(id, 'disabled');
    return this.#user(id);
  }

  @Post(':id/enable')
  @Endpoint({ summary: 'Let a disabled person sign in again', reply: userReply, audit: 'user-enabled' })
  async enable(@Param('id', pathId) id: string): Promise<UserView> {
    await this.registry.users.setDisabled(id, false);
    return this.#user(id);
  }

  @Put(':id/password')
  @Endpoint({
    summary: 'Set a new password; sessions that began with the old one end',
    audit: 'user-password-set',
  })
  async setPassword(
    @Param('id', pathId) id: string,
    @Body({ schema: newPassword }) { password }: z.infer<typeof newPassword>,
  ): Promise<void> {
    await this.registry.users.setPassword(id, password);
    await this.door.endAllOf(id, 'password_changed');
  }

  async #user(id: string): Promise<UserView> {
    const user = await this.registry.users.find(id);
    if (user === undefined) throw new Problem('not_found');
    return userView(user);
  }
}

@Controller('dead-letters')
@ApiTags('dead letters')
@Roles('administrator')
export class DeadLettersController {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
    @Inject(REPLAY_DEAD_LETTER) private readonly replayLetter: DeadLetterReplay,
  ) {}

  @Get()
  @Endpoint({ summary: 'Messages that could not be used, with the reason', reply: pageOf(deadLetterReply) })
  async list(
    @Query({ schema: deadLetterQuery }) query: z.infer<typeof deadLetterQuery>,
  ): Promise<Page<DeadLetterView>> {
    return mapPage(await this.registry.deadLetters.list(query), deadLetterView);
  }

  @Post(':id/replay')
  @Endpoint({
    summary: 'Try a message again after a fix',
    reply: deadLetterReply,
    audit: 'dead-letter-replayed',
  })
  async replay(@Param('id', { schema: z.coerce.number().int().min(1) }) id: number): Promise<DeadLetterView> {
    const letter = await this.registry.deadLetters.find(id);
    if (letter === undefined) throw new Problem('not_found');
    if (letter.replayedAt !== null) throw new Problem('already_replayed');
    const outcome = await this.replayLetter(letter);
    if (!outcome.ok) throw new Problem('replay_refused', `${outcome.code}: ${outcome.message}`);
    const replayedAt = this.clock.now();
    await this.registry.deadLetters.markReplayed(id, replayedAt);
    return deadLetterView({ ...letter, replayedAt });
  }
}

@Controller('audit')
@ApiTags('audit')
export class AuditController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @Roles('administrator', 'supervisor')
  @Endpoint({ summary: 'Who did what, when, from where; newest first', reply: pageOf(auditReply) })
  async list(@Query({ schema: auditQuery }) query: z.infer<typeof auditQuery>): Promise<Page<AuditView>> {
    return mapPage(await this.registry.audit.list(query), auditView);
  }
}
