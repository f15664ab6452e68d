/*
 * A process that holds a journal, for tests that kill it or fail its disk. Started with `fork`: arguments are the URL of
 * the built journal library and the folder. Says `{ open }` or `{ failed }`; then does what it is told:
 *   { stream: n }  n appenders without end, each receipt answered as { offset, seq }
 *   { stream: n, batch: k }  the same with batches of k readings; `seq` is that of the first
 *   { append: seq } one append, answered as { offset, seq } or { seq, code, outcome }
 *   { health: true } answered as { health }
 *   { exit: code }   ends by process.exit, whatever is under way
 */
const [library, directory] = process.argv.slice(2);
const { SqliteJournal } = await import(library);
const { ReadingBuilder, ReadingSource } = await import(new URL('../../readings/src/index.js', library));

const record = (seq) => ({
  kind: 'reading',
  deviceId: 'gas-1',
  receivedAt: Date.now(),
  ts: Date.now(),
  seq,
  samples: [['gas-1.conc', seq / 10]],
});

function readings(seq, count) {
  const builder = new ReadingBuilder();
  for (let i = 0; i < count; i += 1) {
    builder.number(0, (seq + i) / 10, 0);
    builder.end(ReadingSource.of('gas-1', ['gas-1.conc']), Date.now(), Date.now(), 0);
    builder.identify(seq + i, undefined);
  }
  return builder.take();
}

async function append(journal, seq, batch = 0) {
  try {
    const { offset } = await (batch === 0
      ? journal.append(record(seq))
      : journal.appendReadings(readings(seq, batch)));
    process.send({ offset, seq });
    return true;
  } catch ({ code, outcome }) {
    process.send({ seq, code, outcome });
    return false;
  }
}

async function stream(journal, appenders, batch = 0) {
  let next = journal.head() + 1;
  const appender = async () => {
    let seq;
    do {
      seq = next;
      next += Math.max(batch, 1);
    } while (await append(journal, seq, batch));
  };
  await Promise.all(Array.from({ length: appenders }, appender));
}

try {
  const journal = await SqliteJournal.open({ directory, now: Date.now });
  process.on('message', (message) => {
    if (message.stream) void stream(journal, message.stream, message.batch);
    if (message.append) void append(journal, message.append);
    if (message.exit) process.exit(message.exit);
    if (message.health) process.send({ health: journal.health() });
  });
  process.on('disconnect', () => process.exit(0));
  process.send({ open: journal.head() });
} catch ({ code, message }) {
  process.send({ failed: code, message });
  process.disconnect();
}
