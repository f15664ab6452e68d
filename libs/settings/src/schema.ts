import { z } from 'zod';

const port = z.number().int().min(0).max(65_535);
const days = z.number().int().min(1).max(36_500);
const text = z.string().min(1);

export const ROLES = ['gateway', 'engine', 'console'] as const;

/** A port with TLS: certificate and key are needed as soon as there is one. */
const tls = (path: string) =>
  z
    .strictObject({
      port: port.nullable(),
      certificate: z.string(),
      key: z.string(),
      clientCa: text.nullable(),
      clientCertificates: z.enum(['none', 'optional', 'required']),
      minVersion: z.enum(['TLSv1.2', 'TLSv1.3']),
    })
    .superRefine((given, context) => {
      for (const file of ['certificate', 'key'] as const) {
        if (given.port === null || given[file] !== '') continue;
        context.addIssue({ code: 'custom', path: [file], message: `is needed where ${path}.port is set` });
      }
    });

const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'is no network, as 10.20.0.0/16, and no address',
});

/** Platforms that push over HTTP; see docs/callbacks.md. */
const callback = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and -, at most 64'),
  format: z.enum(['watchfire', 'onenet', 'ctwing', 'huawei']),
  secret: z.string().min(16).max(256),
  gatewayId: text,
  requestsPerSecond: z.number().min(1).max(10_000).default(50),
});
const callbacks = z.array(callback).superRefine((given, context) => {
  given.forEach(({ id }, index) => {
    if (given.findIndex((other) => other.id === id) === index) return;
    context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} is there twice` });
  });
});

/** Figures with a target, as libs/figures names them; docs/spec/kpi.md says what they are. */
const FIGURES = [
  'binsOverShare',
  'peakBin',
  'floodShare',
  'floodsPerWeek',
  'hoursOverShare',
  'topShare',
  'chattering',
  'fleeting',
  'standingAtEnd',
  'responseP95Ms',
  'perBin',
  'perHour',
  'perDay',
] as const;

const figures = z.strictObject({
  positions: z.number().int().min(1).max(1_000),
  limits: z
    .strictObject({
      floodBegin: z.number().int().min(2).max(1_000),
      floodEnd: z.number().int().min(1).max(1_000),
      floodWindowMinutes: z.number().min(0.1).max(1_440),
      chatteringCount: z.number().int().min(2).max(100),
      chatteringWithinSeconds: z.number().min(1).max(86_400),
      fleetingSeconds: z.number().min(0).max(86_400),
      standingHours: z.number().min(0.1).max(8_784),
      binOver: z.number().int().min(0).max(100_000),
      hourOver: z.number().int().min(0).max(100_000),
    })
    .refine(({ floodBegin, floodEnd }) => floodEnd <= floodBegin, {
      path: ['floodEnd'],
      message: 'must not be above floodBegin: a flood would end as it begins',
    }),
  targets: z.array(
    z
      .strictObject({
        figure: z.enum(FIGURES),
        target: z.number().min(0),
        limit: z.number().min(0),
        source: text.max(200),
      })
      .refine(({ target, limit }) => target <= limit, {
        path: ['limit'],
        message: 'must not be below the target',
      }),
  ),
});

/** Every key that the configuration may have; config/default.yaml has each of them, commented. */
export const settingsSchema = z.strictObject({
  data: text,
  roles: z.array(z.enum(ROLES)).min(1),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']) }),
  http: z.strictObject({
    host: text,
    port,
    allowedOrigins: z.array(z.url()),
    secureCookie: z.boolean(),
    trustProxy: z.boolean(),
  }),
  sessions: z.strictObject({ lifetimeHours: z.number().min(0.1).max(168) }),
  mqtt: z.strictObject({
    host: text,
    port,
    maxConnections: z.number().int().min(1),
    maxConnectionsPerAddress: z.number().int().min(1),
    maxConnectionsPerDevice: z.number().int().min(1),
    connectsPerSecond: z.number().min(1),
    signInsPerDevicePerSecond: z.number().min(0.1),
    signInFailuresPerMinute: z.number().min(1),
    maxPacketBytes: z.number().int().min(1_024).max(16_777_216),
    maxInflight: z.number().int().min(1).max(65_535),
    maxTopicLevels: z.number().int().min(4).max(32),
    maxFiltersPerClient: z.number().int().min(1).max(1_000),
    maxKeepaliveSeconds: z.number().int().min(10).max(65_535),
    maxLateSeconds: z.number().min(1),
    maxAheadSeconds: z.number().min(1),
    telemetryPerSecond: z.number().min(1),
    deadLettersPerSecond: z.number().min(1),
    errorAnswersPerSecond: z.number().min(0),
    splitter: z.boolean(),
    external: z.strictObject({
      url: z.url({ protocol: /^(mqtts?|wss?)$/ }).nullable(),
      username: text.nullable(),
      password: text.nullable(),
      clientId: text,
      shareGroup: z
        .string()
        .regex(/^[^+#/]+$/)
        .nullable(),
      filters: z.array(text).min(1),
    }),
    tls: tls('mqtt.tls'),
  }),
  fire: z
    .strictObject({
      host: text,
      port: port.nullable(),
      maxConnections: z.number().int().min(1),
      maxConnectionsPerAddress: z.number().int().min(1),
      connectsPerSecond: z.number().min(1),
      framesPerSecond: z.number().min(1),
      udp: z.boolean(),
      allowFrom: z.array(network).min(1).nullable(),
      tls: tls('fire.tls'),
      // GB 50440: at least every two hours.
      pollMinutes: z.number().min(1).max(120),
      clockLimitSeconds: z.number().min(2).max(86_400).nullable(),
    })
    .refine(({ port: tcp, udp }) => tcp !== null || !udp, {
      path: ['udp'],
      message: 'needs fire.port: it is the same number',
    }),
  provisioning: z.strictObject({
    enabled: z.boolean(),
    wrongCodesPerMinute: z.number().min(1).max(1_000),
  }),
  callbacks,
  journal: z.strictObject({
    retentionDays: days,
    maxWaitingRecords: z.number().int().min(100),
    maxWaitingMegabytes: z.number().min(1),
  }),
  history: z.strictObject({
    adapter: z.enum(['embedded', 'influxdb']),
    /** Electronic records at least 30 days: order 40 of SAWS on major hazard sources (2011), article 13. */
    telemetryDays: days.min(30),
    minuteDays: days,
    hourDays: days,
    /** Records of alarms and states at least a year: GB 50440-2007 (secondary). */
    alarmDays: days.min(365),
    localDays: days,
    influx: z.strictObject({
      url: z.url(),
      token: z.string(),
      org: z.string(),
      bucket: text,
      api: z.enum(['v1', 'v2', 'v3']),
      backlogAlarmMinutes: z.number().min(0.1),
      backlogAlarmRecords: z.number().int().min(1_000),
    }),
  }),
  figures,
  adminPassword: z.string().min(12).max(256).nullable(),
});

export type Settings = z.infer<typeof settingsSchema>;
