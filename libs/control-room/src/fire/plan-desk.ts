import { type Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { PLAN_LIMIT_BYTES } from '@watchfire/contracts';
import { type FirePlaceRow, PlanRefused, Registry } from '@watchfire/registry';
import { type Request } from 'express';
import { Problem } from '../problem/problem.js';
import { uploadOf } from './upload.js';

/** Plans of floors: the image first, then the floor that shows it, then away with the image that nobody shows any more. */
@Injectable()
export class PlanDesk {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly registry: Registry) {}

  async put(floor: FirePlaceRow, request: Request): Promise<void> {
    const { firePlaces, plans } = this.registry;
    const tooLarge = new Problem('plan_too_large', `A plan has at most ${PLAN_LIMIT_BYTES} bytes.`);
    const image = uploadOf(request, PLAN_LIMIT_BYTES, tooLarge);
    const { plan, keep } = await plans.receive(image).catch((error: unknown) => {
      throw error instanceof PlanRefused ? new Problem(error.code, error.message, { cause: error }) : error;
    });
    await this.#inTurn(async () => {
      await keep();
      await firePlaces.setPlan(floor.id, plan);
      await this.#forget(floor.plan?.hash);
    });
  }

  async remove(floor: FirePlaceRow): Promise<void> {
    await this.#inTurn(async () => {
      await this.registry.firePlaces.setPlan(floor.id, null);
      await this.#forget(floor.plan?.hash);
    });
  }

  async removed(floor: FirePlaceRow): Promise<void> {
    await this.#inTurn(() => this.#forget(floor.plan?.hash));
  }

  read({ plan }: FirePlaceRow): Promise<Readable> {
    if (plan === null) throw new Problem('plan_unknown');
    return this.registry.plans.read(plan.hash);
  }

  async #forget(hash: string | undefined): Promise<void> {
    const { firePlaces, plans } = this.registry;
    if (hash !== undefined && !(await firePlaces.showsPlan(hash))) await plans.forget(hash);
  }

  /** One after the other: nobody may remove a file that another is about to refer to. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    await turn;
  }
}
