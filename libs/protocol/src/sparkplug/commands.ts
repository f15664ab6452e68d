import { type CommandMessage, type CommandRefusal } from '../dialect.js';
import { quoted } from '../refusal.js';
import { type Scalar } from '../telemetry.js';
import { Datatype, readScalar, writeScalar } from './datatype.js';
import { isControl } from './metric-reporter.js';
import { type MetricDefinition } from './metric-table.js';
import { encodePayload, type Metric } from './payload.js';

/** NCMD that asks an edge node for all its births (Sparkplug 3.0, chapters 4 and 5). */
export function rebirthCommand(at: number): Uint8Array {
  return encodePayload({
    timestamp: at,
    metrics: [
      {
        name: 'Node Control/Rebirth',
        timestamp: at,
        datatype: Datatype.Boolean,
        value: { kind: 'boolean', value: true },
      },
    ],
  });
}

/**
 * An NCMD or DCMD: `write_attributes` writes the metrics that its parameters name; any other command is the metric of its own
 * name, written with the parameter `value`, or with true where there is none. All of it or nothing.
 *
 * `written` is what the device will report when it has taken the values over; controls are not reported.
 */
export function encodeCommand(
  { command, params }: CommandMessage,
  at: number,
  definitionOf: (name: string) => MetricDefinition | undefined,
): { readonly payload: Uint8Array; readonly written: Map<string, Scalar> } | CommandRefusal {
  const values: [string, unknown][] =
    command === 'write_attributes'
      ? Object.entries(params)
      : [[command, Object.hasOwn(params, 'value') ? params['value'] : true]];
  if (values.length === 0) return { refused: 'write_attributes names no metric' };
  const metrics: Metric[] = [];
  const written = new Map<string, Scalar>();
  for (const [name, value] of values) {
    const definition = definitionOf(name);
    if (definition === undefined) return { refused: `${quoted(name)} is no metric of the last birth` };
    const wire = writeScalar(definition.datatype, value, definition.inLong);
    if ('refused' in wire) return { refused: `${quoted(name)} ${wire.refused}` };
    const reading = readScalar(definition.datatype, wire);
    if (reading.kind === 'value' && !isControl(name)) written.set(name, reading.value);
    metrics.push({ name, timestamp: at, datatype: definition.datatype, value: wire });
  }
  return { payload: encodePayload({ timestamp: at, metrics }), written };
}
