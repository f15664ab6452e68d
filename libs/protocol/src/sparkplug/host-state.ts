import { type Downlink } from '../dialect.js';
import { NAMESPACE } from './topic.js';

/**
 * The state of a primary host (Sparkplug 3.0, chapter 5, Host Application): JSON at `spBv1.0/STATE/{host id}`, QoS 1, retained. The offline
 * message, which is the host's last will, carries the timestamp of the online message that it ends.
 *
 * @param timestamp ms since 1970, of the moment at which the host came online.
 */
export function hostState(hostId: string, online: boolean, timestamp: number): Downlink {
  return {
    topic: `${NAMESPACE}/STATE/${hostId}`,
    payload: new TextEncoder().encode(JSON.stringify({ online, timestamp })),
  };
}
