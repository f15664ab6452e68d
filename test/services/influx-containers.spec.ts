import { describe, it } from '@jest/globals';
import { InfluxHistory } from '@watchfire/history';
import { historyContract } from '@watchfire/testing';
import { INFLUX_IMAGES, containerMissing, startInfluxContainer } from '../support/influx-container.js';
import { memoryCursor } from '../support/memory-cursor.js';

for (const image of INFLUX_IMAGES) {
  const title = `InfluxDB in a container of ${image.name}`;
  const missing = await containerMissing(image);

  if (missing !== undefined) {
    describe.skip(`${title} (skipped: ${missing})`, () => {
      it('runs the history contract', () => {});
    });
    continue;
  }
  historyContract(title, async () => {
    const container = await startInfluxContainer(image);
    const options = { ...container.options, cursor: memoryCursor() };
    let history = await InfluxHistory.open(options);
    return {
      history,
      reopen: async () => {
        await history.close();
        history = await InfluxHistory.open(options);
        return history;
      },
      dispose: async () => {
        await history.close();
        await container.stop();
      },
    };
  });
}
