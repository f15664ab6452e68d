import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const texts = z.array(z.string());
const strings = z.record(z.string(), z.string());

/** The part of the compose specification that deploy/ uses; a key that is not here is a typing error, or has to be added. */
const service = z.strictObject({
  extends: z.strictObject({ file: z.string(), service: z.string() }).optional(),
  image: z.string().optional(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  init: z.boolean().optional(),
  command: texts.optional(),
  entrypoint: texts.optional(),
  restart: z.string().optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
  environment: strings.optional(),
  secrets: texts.optional(),
  ports: z
    .array(z.string().regex(/^\d+:\d+(\/udp)?$/))
    .refine((ports) => new Set(ports).size === ports.length)
    .optional(),
  volumes: z.array(z.string().regex(/^(\.\/)?[\w./-]+:\/[\w./-]+(:ro)?$/)).optional(),
  networks: texts.optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_started') })).optional(),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD'), z.string()], z.string()),
      interval: z.string(),
      timeout: z.string(),
      retries: z.number(),
      start_period: z.string(),
    })
    .optional(),
  read_only: z.boolean().optional(),
  tmpfs: texts.optional(),
  cap_drop: texts.optional(),
  security_opt: texts.optional(),
  ulimits: z.strictObject({ nofile: z.number() }).optional(),
  deploy: z
    .strictObject({
      resources: z.strictObject({
        limits: z.strictObject({ cpus: z.string(), memory: z.string().regex(/^\d+[MG]$/) }),
      }),
    })
    .optional(),
  logging: z.strictObject({ driver: z.literal('json-file'), options: strings }).optional(),
});

const composeFile = z.strictObject({
  name: z.literal('watchfire').optional(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()).default({}),
  networks: z.record(z.string(), z.strictObject({ internal: z.literal(true) }).nullable()).default({}),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })).default({}),
});

export type Service = z.infer<typeof service>;
export type ComposeFile = z.infer<typeof composeFile>;

/** A compose file with what its services extend, as the engine sees it. */
export async function readCompose(path: string): Promise<ComposeFile> {
  const file = composeFile.parse(parse(await readFile(path, 'utf8')));
  for (const [name, own] of Object.entries(file.services)) {
    if (own.extends === undefined) continue;
    const base = (await readCompose(join(dirname(path), own.extends.file))).services[own.extends.service];
    if (base === undefined) throw new Error(`${path}: ${name} extends a service that is not there`);
    file.services[name] = { ...base, ...own, environment: { ...base.environment, ...own.environment } };
  }
  return file;
}
