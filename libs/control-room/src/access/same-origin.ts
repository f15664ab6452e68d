import { type IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser says that our own page (or an allowed one) sent this.
 * `foreign`: it says that another site did; `silent`: it says nothing, as programs do.
 */
export type Provenance = 'own' | 'foreign' | 'silent';

export function requestOrigin(headers: IncomingHttpHeaders, allowedOrigins: readonly string[]): Provenance {
  const { origin, host } = headers;
  if (origin !== undefined) {
    if (allowedOrigins.includes(origin)) return 'own';
    // The scheme is left out of the comparison: behind a proxy that ends TLS we cannot know it.
    return host !== undefined && hostOf(origin) === host.toLowerCase() ? 'own' : 'foreign';
  }
  const site = headers['sec-fetch-site'];
  if (site === undefined) return 'silent';
  return site === 'same-origin' ? 'own' : 'foreign';
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
