import { once } from 'node:events';
import {
  Agent,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
  createServer,
} from 'node:http';
import { type AddressInfo } from 'node:net';

/** What becomes of a request on its way. */
export type Fault =
  | 'pass'
  /** Passed on after `slowMs`. */
  | 'slow'
  /** Answered so by the proxy, after the whole request was read; the server behind never sees it. */
  | '401'
  | '404'
  | '429'
  | '500'
  | '503'
  /** Cut in the middle: the server behind gets half of the body. */
  | 'reset'
  /** The server behind took it and answered; the answer is lost. */
  | 'lost'
  /** Read, never passed on and never answered. */
  | 'hang'
  /** Nobody listens on the port. */
  | 'closed';

export interface FaultOptions {
  /** Which requests it befalls, by method and path; all of them when left out. */
  readonly only?: (path: string) => boolean;
  /** Of `429` and `503`, seconds; 1 when left out. */
  readonly retryAfter?: number;
  /** Of `slow`; 200 when left out. */
  readonly slowMs?: number;
}

/** Only what stores something, on any generation of InfluxDB. */
export const WRITES = (path: string): boolean => /^\/(api\/v[23]\/)?write/.test(path);

/** A real HTTP proxy in front of a real server, which does to requests what networks and servers do. */
export class FaultProxy {
  /** Requests that a fault befell, since the proxy was made. */
  befallen = 0;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((request, response) => void this.#take(request, response));
  #fault: Fault = 'pass';
  #options: FaultOptions = {};
  #port = 0;

  private constructor(private readonly target: URL) {}

  static async to(url: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(url));
    await proxy.#listen();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** From the next request on; those under way end as they began. */
  async set(fault: Fault, options: FaultOptions = {}): Promise<void> {
    const wasClosed = this.#fault === 'closed';
    this.#fault = fault;
    this.#options = options;
    if (fault === 'closed' && !wasClosed) await this.#stopListening();
    if (fault !== 'closed' && wasClosed) await this.#listen();
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.#stopListening();
    this.#agent.destroy();
  }

  /** On the same port as before: whoever connects knows no other. */
  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #stopListening(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => {});
    const { only = () => true, retryAfter = 1, slowMs = 200 } = this.#options;
    const fault = only(request.url ?? '') ? this.#fault : 'pass';
    if (fault !== 'pass') this.befallen += 1;
    const body = await bodyOf(request);
    if (body === undefined || fault === 'hang') return;
    switch (fault) {
      case 'reset':
        this.#forwardHalf(request, body);
        return;
      case 'lost':
        this.#forward(
          request,
          body,
          (answer) => answer.resume().on('end', () => request.socket.destroy()),
          response,
        );
        return;
      case 'slow':
        setTimeout(() => this.#pass(request, body, response), slowMs).unref();
        return;
      case 'pass':
      case 'closed':
        this.#pass(request, body, response);
        return;
      default:
        response.writeHead(Number(fault), {
          'content-type': 'application/json',
          ...(fault === '429' || fault === '503' ? { 'retry-after': String(retryAfter) } : {}),
        });
        response.end(JSON.stringify({ error: `fault ${fault}` }));
    }
  }

  #pass(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const relay = (answer: IncomingMessage): void => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    };
    this.#forward(request, body, relay, response);
  }

  #forward(
    request: IncomingMessage,
    body: Buffer,
    answered: (answer: IncomingMessage) => void,
    response: ServerResponse,
  ): void {
    const onward = this.#onward(request, body);
    onward.on('response', answered);
    // The server behind is away: so is the proxy then.
    onward.on('error', () => response.destroy());
    onward.end(body);
  }

  /** The server behind waits for the rest, which never comes; the sender sees its connection reset. */
  #forwardHalf(request: IncomingMessage, body: Buffer): void {
    const onward = this.#onward(request, body);
    onward.on('error', () => {});
    onward.write(body.subarray(0, Math.floor(body.length / 2)), () => {
      onward.destroy();
      request.socket.resetAndDestroy();
    });
  }

  #onward({ method, url, headers }: IncomingMessage, body: Buffer): ReturnType<typeof httpRequest> {
    const { hostname, port } = this.target;
    // The body is sent as a whole, however it came.
    const passedOn = { ...headers };
    delete passedOn['transfer-encoding'];
    return httpRequest({
      agent: this.#agent,
      hostname,
      port,
      method,
      path: url,
      headers: { ...passedOn, 'content-length': body.length },
    });
  }
}

/** The whole body; undefined where the sender went away. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(parts);
}
