import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PendingCommands } from './pending-commands.js';

describe('commands that wait for a reply', () => {
  it('[DI6] gives each another number, and gives each number back once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 200 }), (commandIds) => {
        const pending = new PendingCommands();
        const numbers = commandIds.map((commandId) => pending.add(commandId));
        expect(new Set(numbers).size).toBe(commandIds.length);
        for (const [at, number] of numbers.entries()) {
          expect(Number.isInteger(number) && number >= 1 && number < 2 ** 31).toBe(true);
          expect(pending.take(String(number))?.commandId).toBe(commandIds[at]);
          expect(pending.take(number)).toBeUndefined();
        }
      }),
    );
  });

  it('gives a command that is sent again its number again', () => {
    const pending = new PendingCommands();
    expect(pending.add('C-1')).toBe(pending.add('C-1'));
    expect(new PendingCommands().add('C-1')).toBe(pending.add('C-1'));
  });

  it('keeps two apart whose numbers are the same', () => {
    const [one, two] = collision();
    const pending = new PendingCommands();
    const first = pending.add(one);
    const second = pending.add(two);
    expect(new PendingCommands().add(two)).toBe(first);
    expect(second).toBe(first + 1);
    expect(pending.take(first)?.commandId).toBe(one);
    expect(pending.take(second)?.commandId).toBe(two);
  });

  it('forgets the oldest beyond 256', () => {
    const pending = new PendingCommands();
    const numbers = Array.from({ length: 257 }, (_, at) => pending.add(`C-${at}`));
    expect(pending.take(numbers[0])).toBeUndefined();
    expect(pending.take(numbers[1])?.commandId).toBe('C-1');
  });

  it.each([undefined, null, {}, '', '1e3', -1, NaN, '99999999999'])('knows no command by %s', (id) => {
    expect(new PendingCommands().take(id)).toBeUndefined();
    expect(new PendingCommands().takeCommand(id)).toBeUndefined();
  });
});

/** Two ids that hash alike, found by trying: about 2^16 of them are enough. */
function collision(): readonly [string, string] {
  const seen = new Map<number, string>();
  for (let at = 0; ; at++) {
    const commandId = `C-${at}`;
    const number = new PendingCommands().add(commandId);
    const other = seen.get(number);
    if (other !== undefined) return [other, commandId];
    seen.set(number, commandId);
  }
}
