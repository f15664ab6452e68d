import { computed, inject, shallowRef, watch, type ComputedRef, type InjectionKey } from 'vue';
import { Api } from '../rest/api.js';
import { RestClient } from '../rest/rest-client.js';
import { Session } from '../session/session.js';
import { Seat } from './seat.js';

/** What every part of the page can reach: the server, who is signed in, and the seat while somebody is. */
export interface Workstation {
  readonly api: Api;
  readonly session: Session;
  readonly seat: ComputedRef<Seat | null>;
}

const KEY: InjectionKey<Workstation> = Symbol('workstation');
export { KEY as workstationKey };

export function createWorkstation(): Workstation {
  const session = new Session();
  const api = new Api(new RestClient(() => session.ended(null)));
  const held = shallowRef<Seat | null>(null);
  watch(
    session.user,
    (user) => {
      held.value?.close();
      held.value = user === null ? null : new Seat(user, api, (reason) => session.ended(reason));
    },
    { flush: 'sync' },
  );
  return { api, session, seat: computed(() => held.value) };
}

export function useWorkstation(): Workstation {
  const workstation = inject(KEY);
  if (workstation === undefined) throw new Error('The page was mounted without its workstation.');
  return workstation;
}

/** The seat; only for parts that are shown while somebody is signed in. */
export function useSeat(): Seat {
  const { seat } = useWorkstation();
  if (seat.value === null) throw new Error('Nobody is signed in.');
  return seat.value;
}
