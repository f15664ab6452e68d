import { describe, expect, it } from '@jest/globals';
import { readWriteAnswer, type Refusal } from './write-answer.js';

const refusal = (status: number, body: unknown): Refusal => {
  const answer = readWriteAnswer(status, typeof body === 'string' ? body : JSON.stringify(body));
  if (answer === undefined || answer === 'stored') throw new Error(`${status} is ${answer}`);
  return answer;
};

describe('answer to a write', () => {
  it('[HI30] is stored by 204, and where only points beyond the retention were dropped', () => {
    expect(readWriteAnswer(204, '')).toBe('stored');
    const old = { error: 'partial write: points beyond retention policy dropped=1' };
    expect(readWriteAnswer(400, JSON.stringify(old))).toBe('stored');
    const named = {
      code: 'unprocessable entity',
      message:
        'failure writing points to database: partial write: dropped 4 points outside retention policy of duration 24h0m0s - ' +
        'oldest point m at 1970-01-01T00:00:01Z dropped because it violates a Retention Policy Lower Bound at 2025-05-20T19:06:17Z, ' +
        'newest point m at 1970-01-01T00:00:01Z dropped because it violates a Retention Policy Lower Bound at 2025-05-20T19:06:17Z dropped=4',
    };
    expect(readWriteAnswer(422, JSON.stringify(named))).toBe('stored');
    const ahead = { error: named.message.replaceAll('Retention Policy Lower', 'Write Window Upper') };
    expect(refusal(422, ahead).dropped).toBe(4);
  });

  it.each([0, 202, 301, 401, 403, 404, 405, 408, 429, 500, 503])('[HI30] %d is not about lines', (status) => {
    expect(readWriteAnswer(status, '{"error":"partial write"}')).toBeUndefined();
  });

  it('[HI30] an empty 200 comes from something in between', () => {
    expect(readWriteAnswer(200, '')).toBeUndefined();
    expect(readWriteAnswer(200, '<html>')).toBeUndefined();
  });

  it('[HI30] of generations 1 and 2 tells how many points were dropped', () => {
    const text =
      'partial write: field type conflict: input field "v" on measurement "telemetry" is type float, already exists as type integer dropped=3';
    expect(refusal(400, { error: text })).toEqual({
      reason: text,
      tooLong: false,
      ofLines: true,
      named: new Map(),
      dropped: 3,
    });
    expect(
      refusal(400, { code: 'invalid', message: "unable to parse 'm v=': missing field value" }),
    ).toMatchObject({
      ofLines: true,
      dropped: undefined,
    });
    expect(refusal(413, '')).toMatchObject({ tooLong: true, ofLines: true, reason: 'answered 413' });
    expect(refusal(400, { error: 'database is required' }).ofLines).toBe(false);
    expect(refusal(400, '<html>400 Bad Request</html>').ofLines).toBe(false);
  });

  it('[HI30] of generation 3 names lines, in any of its forms', () => {
    const line = (line_number: number) => ({
      original_line: 'm v=hi 1',
      line_number,
      error_message: `bad ${line_number}`,
    });
    const error = 'partial write of line protocol occurred';
    const named = new Map([
      [1, 'bad 2'],
      [4, 'bad 5'],
    ]);
    for (const status of [200, 201, 400]) {
      expect(refusal(status, { error, data: [line(2), line(5)] })).toMatchObject({ named, ofLines: true });
    }
    const whole = { error: 'parsing failed for write_lp endpoint', data: line(3) };
    expect(refusal(400, whole).named).toEqual(new Map([[2, 'bad 3']]));
    expect(refusal(201, '').named.size).toBe(0);
    expect(
      refusal(400, { error, data: [null, 7, { line_number: 0 }, { line_number: 'x' }] }).named.size,
    ).toBe(0);
  });
});
