import {
  type Following,
  type Journal,
  type JournalEntry,
  type JournalPart,
  lastOffset,
} from '@watchfire/journal';
import {
  COMMAND,
  componentStates,
  systemStates,
  decodeAdu,
  decodeFrame,
  type Deviation,
  type Frame,
  type InformationObject,
  operationsOf,
  printedAddress,
} from '@watchfire/protocol';
import {
  type ComponentSighting,
  type DutyAnswer,
  type DutyNote,
  type Registry,
  type SystemSighting,
} from '@watchfire/registry';
import { type Logger } from 'pino';
import { DUTY_CHECK_EVENT } from './duty-check-event.js';

/** The key that answers a duty check, of a device that speaks JSON. */
const DUTY_ANSWER_EVENT = 'duty_answer';

const CURSOR = 'fire-components';
const RETRY_MS = 1_000;
/** Frames are rare beside readings: without this a restart would read the whole journal in search of the last one. */
const CURSOR_EVERY_RECORDS = 10_000;

export interface FireComponentProjectionDependencies {
  readonly journal: Journal;
  readonly registry: Pick<Registry, 'fireComponents' | 'fireSystems' | 'dutyAnswers' | 'dutyNotes'>;
  /** How the device speaks; `undefined`: it is registered no more. */
  readonly deviationOf: (deviceId: string) => Deviation | undefined;
  readonly log: Logger;
}

/**
 * Puts what fire-control rooms say where their units are looked after: components, found by themselves, in the state said last; the
 * key that answers a duty check; and what became of the check.
 */
export class FireComponentProjection {
  readonly #deps: FireComponentProjectionDependencies;
  #following: Following | undefined;
  #offset = 0;
  #saved = 0;
  #stopped = false;

  constructor(deps: FireComponentProjectionDependencies) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#offset = await this.#deps.journal.cursor(CURSOR);
    this.#saved = this.#offset;
    this.#following = this.#deps.journal.follow(this.#offset + 1, (parts) => this.#project(parts));
  }

  get offset(): number {
    return this.#offset;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#following?.stop();
    await this.#saveCursor();
  }

  async #project(parts: readonly JournalPart[]): Promise<void> {
    const said = parts.flatMap((part) => ('readings' in part ? [] : (this.#saidIn(part) ?? [])));
    const sightings = said.flatMap((one) => sightingsOf(one));
    const systems = said.flatMap((one) => systemsOf(one));
    const entries = parts.flatMap((part) => ('readings' in part ? [] : [part]));
    const answers = [
      ...said.flatMap((one) => answerIn(one) ?? []),
      ...entries.flatMap((entry) => jsonAnswerIn(entry) ?? []),
    ];
    const notes = entries.flatMap((entry) => noteIn(entry) ?? []);
    const end = parts.at(-1);
    const last = end === undefined ? this.#offset : lastOffset(end);
    const isNews = sightings.length + systems.length + answers.length + notes.length > 0;
    if (isNews && !(await this.#stored({ sightings: newest(sightings), systems, answers, notes }))) return;
    this.#offset = last;
    if (isNews || last - this.#saved >= CURSOR_EVERY_RECORDS) await this.#saveCursor();
  }

  #saidIn({ offset, record }: JournalEntry): FrameSaid | undefined {
    if (record.kind !== 'event' || record.event !== 'gb26875') return undefined;
    const { deviceId, receivedAt, data } = record;
    const frame =
      typeof data?.['frame'] === 'string' ? decodeFrame(Buffer.from(data['frame'], 'base64')) : undefined;
    if (frame?.ok !== true) return undefined;
    const deviation = this.#deps.deviationOf(deviceId);
    if (deviation === undefined) return undefined;
    const { objects } = decodeAdu(frame.frame.adu, deviation, receivedAt);
    const { command } = frame.frame;
    return { deviceId, at: receivedAt, offset, command, objects, deviation };
  }

  /** False when it was stopped before they were. */
  async #stored({ sightings, systems, answers, notes }: News): Promise<boolean> {
    const { registry, deviationOf, log } = this.#deps;
    while (!this.#stopped) {
      try {
        // A device may be removed while its components wait.
        const isThere = ({ deviceId }: { readonly deviceId: string }): boolean =>
          deviationOf(deviceId) !== undefined;
        const wanted = sightings.filter(isThere);
        await registry.fireSystems.told(systems.filter(isThere));
        await registry.dutyAnswers.put(answers);
        await registry.dutyNotes.put(notes);
        const refused = await registry.fireComponents.discovered(wanted);
        if (refused > 0) log.warn({ refused }, 'components were not taken: their device has too many');
        return true;
      } catch (error) {
        log.error({ err: error }, 'components could not be stored; retrying');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
    return false;
  }

  /** A cursor that is behind costs a restart some reading, no more. */
  async #saveCursor(): Promise<void> {
    const offset = this.#offset;
    try {
      await this.#deps.journal.saveCursor(CURSOR, offset);
      this.#saved = offset;
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the cursor of the fire components could not be saved');
    }
  }
}

interface News {
  readonly sightings: readonly ComponentSighting[];
  readonly systems: readonly SystemSighting[];
  readonly answers: readonly DutyAnswer[];
  readonly notes: readonly DutyNote[];
}

interface FrameSaid {
  readonly deviceId: string;
  readonly at: number;
  readonly offset: number;
  readonly command: Frame['command'];
  readonly objects: readonly InformationObject[];
  readonly deviation: Deviation;
}

function sightingsOf({ objects, deviation, deviceId, at, offset }: FrameSaid): ComponentSighting[] {
  return objects.flatMap((object) => {
    const said = sightingOf(object, deviation);
    return said === undefined ? [] : [{ ...said, deviceId, at, offset }];
  });
}

function systemsOf({ objects, deviation, deviceId, at, offset }: FrameSaid): SystemSighting[] {
  return objects.flatMap((object) => {
    if (object.kind !== 'system-state') return [];
    const { systemType, systemAddress, status } = object;
    const states = systemStates(status, deviation);
    return [{ deviceId, systemType, systemAddress, states, statesAt: at, offset }];
  });
}

/** Records of operations that were asked for tell of keys that were pressed long ago. */
function answerIn({ objects, command, deviceId, at, offset }: FrameSaid): DutyAnswer | undefined {
  if (command === COMMAND.reply) return undefined;
  for (const object of objects) {
    if (object.kind !== 'device-operation') continue;
    if (operationsOf('device', object.operations).includes('duty_answer'))
      return { deviceId, at, operator: object.operator, offset };
  }
  return undefined;
}

function jsonAnswerIn({ offset, record }: JournalEntry): DutyAnswer | undefined {
  if (record.kind !== 'event' || record.event !== DUTY_ANSWER_EVENT) return undefined;
  const operator = record.data?.['operator'];
  return {
    ...{ deviceId: record.deviceId, at: record.receivedAt, offset },
    operator: typeof operator === 'number' && Number.isInteger(operator) ? operator : 0,
  };
}

function noteIn({ offset, record }: JournalEntry): DutyNote | undefined {
  if (record.kind !== 'event' || record.event !== DUTY_CHECK_EVENT) return undefined;
  const { checkId, what, verdict, at } = record.data as unknown as Omit<DutyNote, 'deviceId' | 'offset'>;
  return { ...{ checkId, what, verdict, at }, deviceId: record.deviceId, offset };
}

type Said = Omit<ComponentSighting, 'deviceId' | 'at' | 'offset'>;

function sightingOf(object: InformationObject, deviation: Deviation): Said | undefined {
  const isOfComponent =
    object.kind === 'component-state' ||
    object.kind === 'component-configuration' ||
    object.kind === 'component-analog';
  if (!isOfComponent) return undefined;
  const { systemType, systemAddress, componentType, componentAddress } = object;
  const description = 'description' in object ? object.description.text : '';
  return {
    systemType,
    systemAddress,
    address: componentAddress,
    addressText: printedAddress(componentAddress, deviation.address),
    componentType,
    description: description === '' ? null : description,
    states: object.kind === 'component-state' ? componentStates(object.status, deviation) : null,
  };
}

/**
 * One for each component, with all that was said of it, because a record that is not newer than the last one changes nothing: a
 * frame may speak of a component twice.
 */
function newest(sightings: readonly ComponentSighting[]): ComponentSighting[] {
  const byKey = new Map<string, ComponentSighting>();
  for (const one of sightings) {
    const key = `${one.deviceId} ${one.systemType}/${one.systemAddress}/${one.address}`;
    const before = byKey.get(key);
    const { description, states } = one;
    byKey.set(key, {
      ...one,
      description: description ?? before?.description ?? null,
      states: states ?? before?.states ?? null,
      at: states === null ? (before?.at ?? one.at) : one.at,
    });
  }
  return [...byKey.values()];
}
