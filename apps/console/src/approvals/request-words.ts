import { type ApprovalView } from '@watchfire/contracts';
import { durationOf } from '../alarms/cover.js';
import { useWords } from '../locales/use-words.js';
import { requestedAct } from './request.js';

/** What a request asks for, in words. */
export function useRequestWords() {
  const { t } = useWords();
  return {
    what: (request: ApprovalView): string => {
      const { act, seconds, oneShot } = requestedAct(request);
      const named = t(`approval.act.${act}`);
      if (seconds === null) return named;
      const { unit, count } = durationOf(seconds);
      const time = t(`duration.${unit}`, { count });
      return t(oneShot ? 'approval.once' : 'approval.timed', { act: named, time });
    },
  };
}
