import helmet from 'helmet';
import { type ControlRoomSettings } from './dependencies.js';

/** What a browser may do with our pages: load and connect to this server, and be framed by nobody. */
export function securityHeaders({ secureCookie }: ControlRoomSettings): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        mediaSrc: ["'self'"],
        // 'self' covers the WebSocket of this origin too (CSP 3 §6.7.2.8).
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        workerSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Over plain HTTP in a closed network a browser must not be told to insist on TLS.
    strictTransportSecurity: secureCookie,
    referrerPolicy: { policy: 'no-referrer' },
  });
}
