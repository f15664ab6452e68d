import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type DemoFireComponent, type DemoFireUnit } from '@watchfire/catalogue';
import { type Commissioning } from '@watchfire/commissioning';
import { addressOfText, STANDARD } from '@watchfire/protocol';
import { type FirePlaceRow, type NewComponent, type NewFirePlace, type Registry } from '@watchfire/registry';

const EMPTY = { level: null, use: null, area: null, height: null };

/** Brings the fire-control rooms of units of the demo into service where they are not yet. They need no password. */
export async function loadFireRooms(
  units: readonly DemoFireUnit[],
  registry: Registry,
  commissioning: Commissioning,
): Promise<void> {
  for (const { site: siteId, rooms } of units) {
    for (const { id: deviceId, name, address, dialect } of rooms) {
      if ((await registry.devices.find(deviceId)) !== undefined) continue;
      const device = { deviceId, siteId, profile: 'fire.uitd', name, address, dialect };
      await commissioning.createDevice(device, 'demo');
    }
  }
}

/** Makes fire units of sites of the demo where they are not yet; `folder` has the plans. */
export async function loadFireUnits(
  units: readonly DemoFireUnit[],
  registry: Registry,
  folder: string,
): Promise<void> {
  for (const unit of units) {
    if ((await registry.fireUnits.find(unit.site)) === undefined) await loadUnit(unit, registry, folder);
  }
}

async function loadUnit(unit: DemoFireUnit, registry: Registry, folder: string): Promise<void> {
  const { site: siteId, kind, address, note, contacts, buildings } = unit;
  const { fireUnits, firePlaces, fireComponents, plans } = registry;
  await fireUnits.put({ siteId, kind, address, note });
  await fireUnits.replaceContacts(siteId, contacts);
  for (const { floors, name, ...building } of buildings) {
    const { id: buildingId } = await place({ kind: 'building', parentId: null, name, ...building });
    for (const { level, plan, zones, components, ...floor } of floors) {
      const { id: floorId } = await place({ kind: 'floor', parentId: buildingId, level, ...floor });
      const zoneIds = new Map<string, string>();
      for (const zone of zones) {
        zoneIds.set(zone, (await place({ kind: 'zone', parentId: floorId, name: zone })).id);
      }
      if (plan !== undefined) {
        await firePlaces.setPlan(floorId, await plans.put(createReadStream(join(folder, plan))));
      }
      await fireComponents.import(components.map((each) => toComponent(each, floorId, zoneIds)));
    }
  }

  function place(
    given: Pick<NewFirePlace, 'kind' | 'parentId' | 'name'> & { [K in keyof typeof EMPTY]?: unknown },
  ): Promise<FirePlaceRow> {
    const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return firePlaces.create({ siteId, ...EMPTY, ...given, ...stated } as NewFirePlace);
  }
}

function toComponent(
  { device, systemType, address: addressText, type, label, point, zone, at }: DemoFireComponent,
  floorId: string,
  zones: ReadonlyMap<string, string>,
): NewComponent {
  const address = addressOfText(addressText, STANDARD.address);
  if (address === undefined) throw new Error(`${device}: ${addressText} is no address`);
  return {
    ...{ deviceId: device, systemType, systemAddress: 1, address, addressText },
    ...{ componentType: type, label, pointId: point ?? null },
    floorId: at === undefined ? null : floorId,
    zoneId: (zone === undefined ? undefined : zones.get(zone)) ?? null,
    x: at?.[0] ?? null,
    y: at?.[1] ?? null,
  };
}
