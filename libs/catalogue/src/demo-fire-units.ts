import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DEVICE_ID_PATTERN, fireContacts, fireUnit, POINT_ID_PATTERN } from '@watchfire/contracts';
import { z } from 'zod';
import { CatalogueError, type CatalogueProblem } from './errors.js';
import { parseYaml } from './yaml-file.js';

const FILE = 'fire-units.yaml';

const name = z.string().min(1).max(120);
const share = z.number().min(0).max(1);

/** Loop and point as the standard splits the four bytes. */
const componentAddress = z.string().regex(/^\d{1,5}\/\d{1,5}$/);

const component = z.strictObject({
  device: z.string().regex(DEVICE_ID_PATTERN),
  systemType: z.number().int().min(0).max(255).default(1),
  address: componentAddress,
  type: z.number().int().min(0).max(255),
  label: name,
  /** Whose alarms are its alarms. */
  point: z.string().regex(POINT_ID_PATTERN).optional(),
  zone: name.optional(),
  /** On the plan of its floor; without it the component is on none. */
  at: z.tuple([share, share]).optional(),
});

/** A fire-control room that connects over GB/T 26875.3, and what happens in it while a scenario of the district is played. */
const room = z.strictObject({
  id: z.string().regex(DEVICE_ID_PATTERN),
  name,
  /** Source address on the wire, decimal. */
  address: z.string().regex(/^[1-9]\d{0,14}$/),
  dialect: name.default('standard'),
  plays: z
    .array(
      z.strictObject({
        scenario: name,
        steps: z.array(
          z.strictObject({
            /** Seconds from its beginning. */
            at: z.number().min(0),
            /** A component of this device; without it the panel is reset. */
            address: componentAddress.optional(),
            /** Keys of status bits; none: it is as it should be. */
            conditions: z.array(name).default([]),
          }),
        ),
      }),
    )
    .default([]),
});

const unit = z.strictObject({
  rooms: z.array(room).default([]),
  site: z.string().regex(DEVICE_ID_PATTERN),
  ...fireUnit.shape,
  ...fireContacts.shape,
  buildings: z.array(
    z.strictObject({
      name,
      use: name.optional(),
      area: z.number().min(0).optional(),
      height: z.number().min(0).optional(),
      floors: z.array(
        z.strictObject({
          name,
          level: z.number().int(),
          /** A file in `plans`. */
          plan: z
            .string()
            .regex(/^[a-z0-9-]+\.png$/)
            .optional(),
          zones: z.array(name).default([]),
          components: z.array(component).default([]),
        }),
      ),
    }),
  ),
});

export type DemoFireUnit = z.output<typeof unit>;
export type DemoFireRoom = z.output<typeof room>;
export type DemoFireComponent = z.output<typeof component>;

/**
 * Reads `fire-units.yaml` of the directory (`config/demo`): which of the invented sites are fire units, and what is in them.
 *
 * @throws CatalogueError with everything that is wrong.
 */
export async function loadDemoFireUnits(directory: string): Promise<readonly DemoFireUnit[]> {
  const file = path.join(directory, FILE);
  const problems: CatalogueProblem[] = [];
  const read = parseYaml(
    file,
    await readFile(file, 'utf8'),
    z.strictObject({ units: z.array(unit) }),
    problems,
  );
  if (read === undefined || problems.length > 0) throw new CatalogueError(problems);
  return read.units;
}
