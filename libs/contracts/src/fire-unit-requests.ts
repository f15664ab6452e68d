import { z } from 'zod';
import { deviceId } from './device-life-requests.js';
import { CONFIRMATIONS, FIRE_DUTIES, FIRE_PLACE_KINDS, FIRE_UNIT_KINDS, MOST_CONTACTS } from './fire-unit.js';
import { POINT_ID_PATTERN } from './mqtt.js';
import { pageQuery } from './rest.js';

const name = z.string().trim().min(1).max(120);
const text = z.string().trim().min(1).max(1000);
const optionalText = text.nullable().default(null);
/** As people write them: with spaces, brackets, an extension. */
const phone = z
  .string()
  .trim()
  .regex(/^[+\d][\d\s()\-/#*]{1,38}$/, 'a telephone number');
const placeId = z.string().min(1).max(64);
const share = z.number().min(0).max(1);
const byte = z.number().int().min(0).max(255);
const time = z.number().int().min(0).max(8_640_000_000_000);
const size = z.number().min(0).max(10_000_000);
const count = z.number().int().min(0).max(100_000);

export const fireUnit = z.strictObject({
  kind: z.enum(FIRE_UNIT_KINDS),
  address: optionalText,
  note: optionalText,
});
export const fireUnitQuery = pageQuery.extend({ kind: z.enum(FIRE_UNIT_KINDS).optional() });
/** All of them, in the place of those before, in the order in which they are called. */
export const fireContacts = z.strictObject({
  contacts: z
    .array(z.strictObject({ duty: z.enum(FIRE_DUTIES), name: name.nullable().default(null), phone }))
    .max(MOST_CONTACTS),
});

const placeFields = {
  name,
  level: z.number().int().min(-20).max(200).nullable().default(null),
  use: name.nullable().default(null),
  area: size.nullable().default(null),
  height: z.number().min(0).max(1_000).nullable().default(null),
};
export const newFirePlace = z.strictObject({
  kind: z.enum(FIRE_PLACE_KINDS),
  parentId: placeId.nullable().default(null),
  ...placeFields,
});
export const firePlaceChange = z.strictObject(placeFields);

/** Where a component is; a position needs a floor. */
const componentPlace = {
  label: name.nullable(),
  componentType: byte.nullable(),
  pointId: z.string().regex(POINT_ID_PATTERN).nullable(),
  floorId: placeId.nullable(),
  zoneId: placeId.nullable(),
  x: share.nullable(),
  y: share.nullable(),
};
export const fireComponentChange = z.strictObject(componentPlace).partial();
export const newFireComponent = z.strictObject({
  deviceId,
  systemType: byte.default(1),
  systemAddress: byte.default(1),
  address: z
    .string()
    .regex(/^\d{1,10}(\/\d{1,5})?$/, 'loop/point such as 1/17, or the number that the four bytes make'),
  ...fireComponentChange.shape,
});
export const componentImportQuery = z.strictObject({
  deviceId,
  systemType: z.coerce.number().int().min(0).max(255).default(1),
  systemAddress: z.coerce.number().int().min(0).max(255).default(1),
});

export const newAcceptance = z
  .strictObject({
    eventId: z.string().min(1).max(64),
    confirmation: z.enum(CONFIRMATIONS),
    result: text,
    contactPerson: name.nullable().default(null),
    reportedAt: time.nullable().default(null),
    feedbackAt: time.nullable().default(null),
    operator119: name.nullable().default(null),
    handling119: optionalText,
    cause: optionalText,
    burntArea: size.nullable().default(null),
    injured: count.nullable().default(null),
    dead: count.nullable().default(null),
    loss: z.number().min(0).max(1e12).nullable().default(null),
  })
  .refine(({ reportedAt, feedbackAt }) => feedbackAt === null || reportedAt !== null, {
    path: ['feedbackAt'],
    message: 'nothing was reported that could be answered',
  })
  .refine(
    ({ reportedAt, feedbackAt }) => feedbackAt === null || reportedAt === null || feedbackAt >= reportedAt,
    { path: ['feedbackAt'], message: 'the answer cannot come before the report' },
  );
export const acceptanceQuery = pageQuery.extend({ siteId: deviceId.optional() });
export const fireFiguresQuery = z
  .strictObject({ from: z.coerce.number().int(), to: z.coerce.number().int() })
  .refine(({ from, to }) => from < to && to - from <= 400 * 86_400_000, {
    path: ['to'],
    message: 'after from, and at most 400 days later',
  });
