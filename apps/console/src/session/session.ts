import { type LoginReply, type UserView } from '@watchfire/contracts';
import { computed, ref, type ComputedRef, type Ref } from 'vue';
import { type Api } from '../rest/api.js';
import { RestError } from '../rest/rest-client.js';

export type SessionState =
  | { readonly kind: 'checking' }
  | { readonly kind: 'signed-out'; readonly reason: 'none' | 'expired' | { readonly ended: string } }
  /** The server could not be asked; tried again. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'signed-in'; readonly user: UserView };

/** Who sits here. The session itself is a cookie that no script can read. */
export class Session {
  readonly state: Ref<SessionState> = ref<SessionState>({ kind: 'checking' });
  readonly user: ComputedRef<UserView | null> = computed(() =>
    this.state.value.kind === 'signed-in' ? this.state.value.user : null,
  );

  /** Asks the server whether the cookie still holds. */
  async check(api: Api): Promise<void> {
    try {
      const { user } = await api.session();
      this.state.value = { kind: 'signed-in', user };
    } catch (error) {
      const refused = error instanceof RestError && (error.status === 401 || error.status === 403);
      this.state.value = refused ? { kind: 'signed-out', reason: 'none' } : { kind: 'unreachable' };
    }
  }

  signedIn(reply: LoginReply): void {
    this.state.value = { kind: 'signed-in', user: reply.user };
  }

  /** Somebody else ended it: expired, signed out elsewhere, disabled. */
  ended(reason: string | null): void {
    if (this.state.value.kind !== 'signed-in') return;
    this.state.value = { kind: 'signed-out', reason: reason === null ? 'expired' : { ended: reason } };
  }

  async signOut(api: Api): Promise<void> {
    // Signed out here in any case: a seat that its user has left must not go on as theirs.
    await api.signOut().catch(() => undefined);
    this.state.value = { kind: 'signed-out', reason: 'none' };
  }
}
