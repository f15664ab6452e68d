import { Injectable } from '@nestjs/common';
import { Catalogue } from '@watchfire/catalogue';
import { EngineHost } from '@watchfire/engine';
import { Registry } from '@watchfire/registry';
import { VisibleObjects } from '../access/visible-objects.js';
import { DeviceViews } from '../views/device-view.js';

/** Finds devices and shows them as they are now. */
@Injectable()
export class DeviceDesk {
  constructor(
    readonly registry: Registry,
    readonly objects: VisibleObjects,
    private readonly engine: EngineHost,
    private readonly catalogue: Catalogue,
  ) {}

  views(): DeviceViews {
    return new DeviceViews(this.engine, this.catalogue);
  }
}
