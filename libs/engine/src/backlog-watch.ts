import { type HistoryErrorCode } from '@watchfire/history';
import { type Journal } from '@watchfire/journal';
import { type Logger } from 'pino';
import { type DeliveryFailure } from './delivery.js';
import { type Backlog } from './history-outbox.js';

/** Name of the condition; it is in journals. */
export const HISTORY_BACKLOG = 'history-backlog';
const LOOK_EVERY_MS = 5_000;
/** Somebody has to set the server up: waiting mends nothing. */
const REFUSALS: ReadonlySet<DeliveryFailure['code']> = new Set<HistoryErrorCode>(['unauthorised', 'missing']);

export interface BacklogLimits {
  readonly ageMs: number;
  readonly records: number;
}

interface Said {
  readonly zh: string;
  readonly en: string;
}

/** A backlog, and for how long the distant history could not be rolled up, ms; 0 where it can. */
export interface WatchedBacklog extends Backlog {
  readonly notRolledUpMs: number;
}

/** What is to be told of a backlog; undefined while it is within its limits. It is over when less than half of a limit is left. */
export function alarmingIn(
  { ageMs, records, failure, notRolledUpMs }: WatchedBacklog,
  limits: BacklogLimits,
  wasActive: boolean,
): Said | undefined {
  if (failure !== undefined && REFUSALS.has(failure.code)) {
    return {
      zh: `InfluxDB 拒绝写入（${failure.code}）：请检查令牌、权限以及数据库或存储桶；数据都保存在本机`,
      en: `InfluxDB refuses (${failure.code}): see token, rights, and database or bucket; everything is kept here`,
    };
  }
  const share = wasActive ? 0.5 : 1;
  if (ageMs < limits.ageMs * share && records < limits.records * share)
    return notRolledUp(notRolledUpMs, limits);
  const minutes = Math.floor(ageMs / 60_000);
  return {
    zh: `InfluxDB 写入积压：最早的数据已等待 ${minutes} 分钟，共 ${records} 条记录待写；数据都保存在本机`,
    en: `InfluxDB is behind: the oldest has waited for ${minutes} min, ${records} records wait; everything is kept here`,
  };
}

/** Of a failure there is no half: it is over with the first roll-up. */
function notRolledUp(forMs: number, limits: BacklogLimits): Said | undefined {
  if (forMs < limits.ageMs) return undefined;
  const minutes = Math.floor(forMs / 60_000);
  return {
    zh: `InfluxDB 汇总数据已有 ${minutes} 分钟无法生成：请在原始数据到期之前排除故障，详情见服务器状态`,
    en: `InfluxDB could not be rolled up for ${minutes} min: mend it before the samples expire; see the health of the server`,
  };
}

export interface BacklogWatchParts {
  readonly journal: Pick<Journal, 'append'>;
  readonly engine: { serverCondition(name: string): boolean };
  /** Of the outbox; without one nothing is behind. */
  readonly backlog: (() => WatchedBacklog) | undefined;
  readonly limits: BacklogLimits;
  readonly log: Logger;
}

/** Tells the centre by the journal, once when the backlog begins to be too large and once when that is over. [HI46] */
export class BacklogWatch {
  #timer: NodeJS.Timeout | undefined;
  #telling = false;

  constructor(private readonly parts: BacklogWatchParts) {}

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
    // A server that no longer uses InfluxDB is not behind.
    void this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    const { journal, engine, backlog, limits, log } = this.parts;
    if (this.#telling) return;
    const wasActive = engine.serverCondition(HISTORY_BACKLOG);
    const alarming = backlog && alarmingIn(backlog(), limits, wasActive);
    if ((alarming !== undefined) === wasActive) return;
    const message = alarming ?? { zh: 'InfluxDB 写入已跟上', en: 'InfluxDB has caught up' };
    this.#telling = true;
    try {
      const active = alarming !== undefined;
      await journal.append({ kind: 'server-condition', name: HISTORY_BACKLOG, active, message });
    } catch (error) {
      log.error({ err: error }, 'the backlog of InfluxDB could not be told');
    } finally {
      this.#telling = false;
    }
  }
}
