import { type MqttClient } from 'mqtt';
import { type HistoryReply } from '@watchfire/contracts';
import { type ApiClient } from './api-client.js';
import { eventually } from './eventually.js';

/** Publishes so many readings with `message(n)` at QoS 1, several under way at a time; resolves when all were acknowledged. */
export async function publishStream(
  client: MqttClient,
  topic: string,
  count: number,
  message: (n: number) => object,
): Promise<void> {
  const IN_FLIGHT = 20;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await client.publishAsync(topic, JSON.stringify(message(next++)), { qos: 1 });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/** The history of a point when it has at least so many values; more are seen too, since it is looked at again afterwards. */
export async function historyOf(
  api: ApiClient,
  pointId: string,
  count: number,
  limitMs = 30_000,
): Promise<HistoryReply['points']> {
  const ask = (): Promise<HistoryReply> => api.history(pointId, 0, Date.now() + 3_600_000);
  const what = `${count} values of ${pointId}`;
  await eventually(ask, ({ points }) => points.length >= count, what, limitMs);
  return (await ask()).points;
}
