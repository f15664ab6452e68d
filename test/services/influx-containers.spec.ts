import { describe, it } from '@jest/globals';
import { InfluxHistory, type InfluxHistoryOptions } from '@watchfire/history';
import { historyContract } from '@watchfire/testing';
import { CONTAINER_ACCOUNT, containerMissing, startInfluxContainer } from '../support/influx-container.js';
import { memoryCursor } from '../support/memory-cursor.js';

const title = 'InfluxDB in a container';
const missing = await containerMissing();

if (missing !== undefined) {
  describe.skip(`${title} (skipped: ${missing})`, () => {
    it('runs the history contract', () => {});
  });
} else {
  historyContract(title, async () => {
    const container = await startInfluxContainer();
    const options: InfluxHistoryOptions = {
      ...CONTAINER_ACCOUNT,
      token: container.api === 'v1' ? '' : CONTAINER_ACCOUNT.token,
      url: container.url,
      api: container.api,
      cursor: memoryCursor(),
    };
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
