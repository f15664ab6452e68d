import { describe, expect, test } from '@jest/globals';
import { Speaker } from './speaker.js';

describe('whether the loudspeaker can be heard', () => {
  async function speaker() {
    const time = { page: 0, audio: 0 };
    const context = {
      state: 'running',
      get currentTime() {
        return time.audio;
      },
    } as unknown as AudioContext;
    const started = new Speaker(
      () => context,
      () => time.page,
    );
    await started.start();
    const pass = (pageMs: number, audioMs: number): boolean => {
      time.page += pageMs;
      time.audio += audioMs / 1_000;
      started.tick();
      return started.running;
    };
    return pass;
  }

  test('[FU21] alarms that come faster than the audio clock steps are no sign that it stands', async () => {
    const pass = await speaker();
    expect(pass(500, 500)).toBe(true);
    for (let alarm = 0; alarm < 100; alarm += 1) expect(pass(1, 0)).toBe(true);
  });

  test('a clock that stands for half a second is found', async () => {
    const pass = await speaker();
    pass(500, 500);
    expect(pass(500, 0)).toBe(false);
    expect(pass(500, 500)).toBe(true);
  });
});
