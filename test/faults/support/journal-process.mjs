/*
 * A process that holds a journal, for tests that kill it or fail its disk. Started with `fork`: arguments are the URL of
 * the built journal library and the folder. Says `{ open }` or `{ failed }`; then does what it is told:
 *   { stream: n }  n appenders without end, each receipt answered as { offset, seq }
 *   { append: seq } one append, answered as { offset, seq } or { seq, code, outcome }
 *   { health: true } answered as { health }
 *   { exit: code }   ends by process.exit, whatever is under way
 */
const [library, directory] = process.argv.slice(2);
const { SqliteJournal } = await import(library);

const record = (seq) => ({
  kind: 'reading',
  deviceId: 'gas-1',
  receivedAt: Date.now(),
  ts: Date.now(),
  seq,
  samples: [['gas-1.conc', seq / 10]],
});

async function append(journal, seq) {
  try {
    const { offset } = await journal.append(record(seq));
    process.send({ offset, seq });
    return true;
  } catch ({ code, outcome }) {
    process.send({ seq, code, outcome });
    return false;
  }
}

async function stream(journal, appenders) {
  let seq = journal.head();
  const appender = async () => {
    while (await append(journal, (seq += 1)));
  };
  await Promise.all(Array.from({ length: appenders }, appender));
}

try {
  const journal = await SqliteJournal.open({ directory, now: Date.now });
  process.on('message', (message) => {
    if (message.stream) void stream(journal, message.stream);
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
