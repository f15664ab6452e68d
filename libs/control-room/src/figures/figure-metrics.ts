import { Injectable } from '@nestjs/common';
import { EngineHost } from '@watchfire/engine';
import { type MetricSource } from '../health/metrics.js';
import { AlarmCounter } from './alarm-counter.js';
import { ExposureRegister } from './exposure-register.js';

/** What is not watched, and what comes in, at each scrape. */
@Injectable()
export class FigureMetrics {
  constructor(
    private readonly register: ExposureRegister,
    private readonly counter: AlarmCounter,
    private readonly engine: EngineHost,
  ) {}

  sources(): MetricSource[] {
    return [
      {
        name: 'watchfire_exposed_points',
        help: 'Points that are blind or quiet, each once, by the weightiest reason.',
        kind: 'gauge',
        labels: ['kind'],
        read: () =>
          Object.entries(this.register.total().byKind).map(([kind, value]) => ({ labels: { kind }, value })),
      },
      {
        name: 'watchfire_points',
        help: 'Points that are to be watched.',
        kind: 'gauge',
        read: () => this.register.total().points,
      },
      {
        name: 'watchfire_safety_points',
        help: 'Points that a rule of a safety class reads.',
        kind: 'gauge',
        read: () => this.register.total().safetyPoints,
      },
      {
        name: 'watchfire_blind_safety_points',
        help: 'Points that a rule of a safety class reads and that are not watched.',
        kind: 'gauge',
        read: () => this.register.total().blindSafetyPoints,
      },
      {
        name: 'watchfire_alarms_announced_total',
        help: 'Alarms announced since the start: raised, come back or risen; without drills.',
        kind: 'counter',
        labels: ['class'],
        read: () => [...this.counter.announced].map(([name, value]) => ({ labels: { class: name }, value })),
      },
      {
        name: 'watchfire_alarms_unacknowledged',
        help: 'Alarms that wait for somebody to acknowledge them; without drills.',
        kind: 'gauge',
        read: () => this.engine.alarms().filter(({ acked, drill }) => !acked && !drill).length,
      },
    ];
  }
}
