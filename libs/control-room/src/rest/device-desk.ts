import { Injectable } from '@nestjs/common';
import { Catalogue } from '@watchfire/catalogue';
import { type CommissionedDevice } from '@watchfire/commissioning';
import { type DeviceView, type NewDeviceReply } from '@watchfire/contracts';
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

  /** With its credential where it has one: what only its gateway speaks for has none. */
  created({ context, credential }: CommissionedDevice): NewDeviceReply | DeviceView {
    const view = this.views().device(context);
    return credential === null ? view : { ...view, credential };
  }
}
