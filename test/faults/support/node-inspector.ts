import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import { type ServerProcess } from '../../support/server-process.js';

/** Environment of a server whose inspector listens, once it is asked to, on a port that is free. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' };

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly sessionId: string;
    readonly workerInfo: { readonly title: string };
  };
}

/** Ends the worker thread of that name, and nothing else of the server, by Node's own debugger. */
export async function endWorker(server: ServerProcess, name: string): Promise<void> {
  process.kill(server.pid, 'SIGUSR1');
  const line = await eventually(
    () => server.standardError.findLast((text) => text.includes('Debugger listening on ')),
    (found) => found !== undefined,
    'the inspector',
  );
  const socket = new WebSocket(/ws:\/\/\S+/.exec(line ?? '')?.[0] ?? '');
  await once(socket, 'open');
  let sessionId: string | undefined;
  socket.on('message', (data: Buffer) => {
    const { method, params } = JSON.parse(data.toString()) as Reply;
    if (method === 'NodeWorker.attachedToWorker' && params?.workerInfo.title.endsWith(` ${name}`)) {
      sessionId = params.sessionId;
    }
  });
  let id = 0;
  const ask = (method: string, params: object): void =>
    socket.send(JSON.stringify({ id: ++id, method, params }));
  ask('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const session = await eventually(
    () => sessionId,
    (found) => found !== undefined,
    `the thread ${name}`,
  );
  const expression = 'process.exit(7)';
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } });
  ask('NodeWorker.sendMessageToWorker', { sessionId: session, message });
  await new Promise((resolve) => setTimeout(resolve, 200));
  socket.terminate();
}
