/* global AudioDestinationNode, AudioNode, document, HTMLElement, MutationObserver, performance, requestAnimationFrame, WebSocket */
// Runs in the page before anything of it: notes what comes over the socket, which rows come into the document, and tones that begin.
(() => {
  const seen = {};
  const tones = { begun: 0 };
  const of = (id) => (seen[id] ??= {});
  const now = () => performance.timeOrigin + performance.now();
  Object.assign(globalThis, { watchfireSeen: seen, watchfireTones: tones });

  globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string' || !data.startsWith('42/control-room,["alarm"')) return;
        const [, { alarm }] = JSON.parse(data.slice(data.indexOf('[')));
        of(alarm.id).receivedAt ??= now();
      });
    }
  };

  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (to, ...more) {
    // A pattern of tones that begins brings an output of its own.
    if (to instanceof AudioDestinationNode) tones.begun += 1;
    return connect.call(this, to, ...more);
  };

  const rowsIn = (node) =>
    node instanceof HTMLElement
      ? [node, ...node.querySelectorAll('*')].filter(({ dataset }) => dataset.testid === 'alarm-row')
      : [];
  new MutationObserver((changes) => {
    const rows = changes.flatMap(({ addedNodes }) => [...addedNodes].flatMap(rowsIn));
    const fresh = rows
      .map(({ dataset }) => of(dataset.alarmId))
      .filter((one) => one.inDocumentAt === undefined);
    for (const one of fresh) one.inDocumentAt = now();
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        for (const one of fresh) one.paintedAt = now();
      }),
    );
  }).observe(document, { childList: true, subtree: true });
})();
