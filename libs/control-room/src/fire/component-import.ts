import { type FirePlaceRow, type NewComponent } from '@watchfire/registry';
import { addressOfText, type Deviation, printedAddress } from '@watchfire/protocol';
import { type ComponentLine, type LineProblem } from './component-csv.js';

export interface ImportTarget {
  readonly deviceId: string;
  readonly systemType: number;
  readonly systemAddress: number;
  readonly deviation: Deviation;
  readonly places: readonly FirePlaceRow[];
}

const MAX_ADDRESS = 0xffff_ffff;
const MAX_TYPE = 255;
const LABEL_LENGTH = 120;

/** The uint32 of an address as people write it: in the parts of the profile (`1/17`), or the number itself. */
export function componentAddress(text: string, { address }: Deviation): number | undefined {
  const parts = addressOfText(text, address);
  if (parts !== undefined) return parts;
  const whole = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  return whole <= MAX_ADDRESS ? whole : undefined;
}

/** What the lines of a table mean for a device, or everything that is wrong with them. [FU7] */
export function toComponents(
  lines: readonly ComponentLine[],
  target: ImportTarget,
): { components: NewComponent[]; problems: LineProblem[] } {
  const problems: LineProblem[] = [];
  const seen = new Map<number, number>();
  const components = lines.flatMap((line) => {
    const wrong = (message: string): void => void problems.push({ path: `line ${line.line}`, message });
    const before = problems.length;
    const address = componentAddress(line.address, target.deviation);
    if (address === undefined) wrong(`"${line.address}" is no component address`);
    else if (seen.has(address)) wrong(`the address is that of line ${seen.get(address)}`);
    else seen.set(address, line.line);
    if (line.label.length > LABEL_LENGTH) wrong(`the description is longer than ${LABEL_LENGTH}`);
    const type = typeOf(line, target.deviation, wrong);
    const place = placeOf(line, target.places, wrong);
    if (problems.length > before || address === undefined) return [];
    const { deviceId, systemType, systemAddress, deviation } = target;
    return [
      {
        ...{ deviceId, systemType, systemAddress, address },
        addressText: printedAddress(address, deviation.address),
        ...(type === undefined ? {} : { componentType: type }),
        ...(line.label === '' ? {} : { label: line.label }),
        ...place,
      },
    ];
  });
  return { components, problems };
}

type Wrong = (message: string) => void;

/** By its code, or by its name in either language. */
function typeOf({ type }: ComponentLine, { componentTypes }: Deviation, wrong: Wrong): number | undefined {
  if (type === '') return undefined;
  if (/^\d{1,3}$/.test(type) && Number(type) <= MAX_TYPE) return Number(type);
  const named = [...componentTypes].find(
    ([, { zh, en }]) => zh === type || en.toLowerCase() === type.toLowerCase(),
  );
  if (named === undefined) wrong(`"${type}" is no component type`);
  return named?.[0];
}

function placeOf(
  { building, floor, zone, x, y }: ComponentLine,
  places: readonly FirePlaceRow[],
  wrong: Wrong,
): Pick<NewComponent, 'floorId' | 'zoneId' | 'x' | 'y'> {
  if (building === '' && floor === '' && zone === '') {
    if (x !== '' || y !== '') wrong('a position is on the plan of a floor');
    return {};
  }
  const inBuilding = one(places, 'building', building, null, wrong);
  if (inBuilding === undefined) return {};
  const onFloor = floor === '' ? null : one(places, 'floor', floor, [inBuilding.id], wrong);
  if (onFloor === undefined) return {};
  const parents = onFloor === null ? [inBuilding.id] : [onFloor.id, inBuilding.id];
  const inZone = zone === '' ? null : one(places, 'zone', zone, parents, wrong);
  const at = [x, y].map((text) => (text === '' ? null : Number(text)));
  if ((x === '') !== (y === '')) wrong('x and y belong together');
  if (at.some((value) => value !== null && !(value >= 0 && value <= 1))) wrong('x and y are from 0 to 1');
  if (x !== '' && onFloor === null) wrong('a position is on the plan of a floor');
  return { floorId: onFloor?.id ?? null, zoneId: inZone?.id ?? null, x: at[0] ?? null, y: at[1] ?? null };
}

function one(
  places: readonly FirePlaceRow[],
  kind: FirePlaceRow['kind'],
  name: string,
  parents: readonly string[] | null,
  wrong: Wrong,
): FirePlaceRow | undefined {
  const found = places.filter(
    (place) =>
      place.kind === kind &&
      (place.name === name || (kind === 'floor' && String(place.level) === name)) &&
      (parents === null || (place.parentId !== null && parents.includes(place.parentId))),
  );
  if (found.length === 1) return found[0];
  wrong(found.length === 0 ? `there is no ${kind} "${name}"` : `there are several ${kind}s "${name}"`);
  return undefined;
}
