import { z } from 'zod';
import { CREDENTIAL_KINDS } from './device-life.js';
import { MOST_MEMBERS } from './device-member.js';
import { DEVICE_ID_PATTERN, POINT_ID_PATTERN, POINT_KEY_PATTERN } from './mqtt.js';

const name = z.string().trim().min(1).max(120);
const reason = z.string().trim().min(1).max(1000);
export const deviceId = z
  .string()
  .regex(DEVICE_ID_PATTERN, 'letters, digits, _ and -, at most 64, beginning with a letter or digit');

/** A name that others chose: anything visible but the wildcards and the separator of MQTT topics. */
export const wireName = z
  .string()
  .regex(/^[^\p{C}+#/]{1,128}$/u, 'no control characters, no +, # or /, at most 128');

const MOST_KEYS = 256;
/** Point key by wire key. A map by names from outside: read it with `Object.entries`, never by index. */
export const wireKeys = z
  .record(
    z.string().regex(/^\P{C}{1,128}$/u, 'no control characters, at most 128'),
    z.string().regex(POINT_KEY_PATTERN),
  )
  .refine((keys) => Object.keys(keys).length <= MOST_KEYS, `at most ${MOST_KEYS} keys`);

const deviceMember = z
  .strictObject({
    role: z.string().regex(POINT_KEY_PATTERN),
    pointId: z.string().regex(POINT_ID_PATTERN, 'a device id, a point, and the key of the point'),
    values: z
      .array(z.union([z.number(), z.boolean(), z.string().max(128)]))
      .min(1)
      .max(32)
      .optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
  })
  .refine(({ values, atLeast, atMost }) => values === undefined || (atLeast ?? atMost) === undefined, {
    path: ['values'],
    message: 'either values, or atLeast and atMost',
  });
/** `DeviceMember`s: all of them, in the place of those before. */
export const deviceMembers = z.array(deviceMember).max(MOST_MEMBERS);

/** SHA-256 of the certificate (DER), with or without colons. */
export const fingerprint = z
  .string()
  .transform((text) => text.replaceAll(':', '').toLowerCase())
  .pipe(
    z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 fingerprint of a certificate: 64 hexadecimal digits'),
  );

/** What `PATCH /devices/{id}` may change; `null` takes a device from behind its gateway, or takes its name there. */
export const deviceChange = z.strictObject({
  name: name.optional(),
  gatewayId: deviceId.nullable().optional(),
  wireName: wireName.nullable().optional(),
  keys: wireKeys.optional(),
  members: deviceMembers.optional(),
});

const MOST_OVERLAP_SECONDS = 90 * 86_400;
export const newCredential = z
  .strictObject({
    /** Default: by the dialect of the device. */
    kind: z.enum(CREDENTIAL_KINDS).optional(),
    label: z.string().trim().max(120).optional(),
    /** Of a certificate; without it, any certificate that the client CA has issued to this device id. */
    fingerprint: fingerprint.optional(),
    /** Rotation: all others of the device end after so many seconds, at once for 0. Without it they stay. */
    overlapSeconds: z.number().int().min(0).max(MOST_OVERLAP_SECONDS).optional(),
  })
  .refine((body) => body.fingerprint === undefined || body.kind === 'certificate', {
    path: ['fingerprint'],
    message: 'only a certificate has one',
  });
export const revocation = z.strictObject({ reason });
/** A certificate that the client CA has issued and that must not open the door any more. */
export const certificateRevocation = z.strictObject({ fingerprint, reason });

const MOST_CLAIMS = 100;
export const newClaims = z.strictObject({
  siteId: deviceId,
  profile: z.string().min(1).max(64),
  dialect: z.string().max(64).default('standard'),
  /** Of the device; without it the device gives one. */
  name: name.optional(),
  /** How many codes, each for one device. */
  count: z.number().int().min(1).max(MOST_CLAIMS).default(1),
  /** Epoch ms. */
  expiresAt: z.number().int(),
});
/** What a device without a credential asks. */
export const provisioningRequest = z.strictObject({
  claimCode: z.string().min(1).max(64),
  deviceName: name.optional(),
  deviceId: deviceId.optional(),
});
export const quarantineRegistration = z.strictObject({
  profile: z.string().min(1).max(64),
  name,
  /** Default: the site of the gateway. */
  siteId: deviceId.optional(),
  deviceId: deviceId.optional(),
  dialect: z.string().max(64).optional(),
  keys: wireKeys.optional(),
});
