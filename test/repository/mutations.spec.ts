import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mutated } from '../mutation/mutation.js';
import { MUTATIONS } from '../mutation/mutations.js';
import { STATE_TABLE } from '../mutation/state-table.js';

const root = join(import.meta.dirname, '../..');

describe('the mutations of the mutation check', () => {
  it.each(MUTATIONS)('$name still applies, and its tests are there', (mutation) => {
    expect(mutated(readFileSync(join(root, mutation.file), 'utf8'), mutation)).toBeDefined();
    expect(mutation.specs).not.toEqual([]);
    expect(mutation.specs.filter((spec) => !existsSync(join(root, spec)))).toEqual([]);
  });

  it('are all listed in docs/mutation.md, and nothing else is', () => {
    const page = readFileSync(join(root, 'docs/mutation.md'), 'utf8');
    const listed = [...page.matchAll(/^\| ([a-z0-9-]+) +\| .* caught +\|$/gm)].map(([, name]) => name);
    expect(listed).toEqual(MUTATIONS.map(({ name }) => name));
  });

  it('breaks more than ten rows of the state table, and every name once', () => {
    expect(new Set(STATE_TABLE.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(12);
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });

  it.each([
    ['is not there', 'abc'],
    ['is there twice', 'x.x'],
  ])('does not apply where the text %s', (_where, text) => {
    const mutation = { name: '', rule: '', file: '', find: 'x', replace: 'y', specs: [] };
    expect(mutated(text, mutation)).toBeUndefined();
  });
});
