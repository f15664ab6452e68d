import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DEVICE_ID_PATTERN, fireContacts, fireUnit, POINT_ID_PATTERN } from '@watchfire/contracts';
import { z } from 'zod';
import { CatalogueError, type CatalogueProblem } from './errors.js';
import { parseYaml } from './yaml-file.js';

const FILE = 'fire-units.yaml';

const name = z.string().min(1).max(120);
const share = z.number().min(0).max(1);

const component = z.strictObject({
  device: z.string().regex(DEVICE_ID_PATTERN),
  systemType: z.number().int().min(0).max(255).default(1),
  /** Loop and point as the standard splits the four bytes. */
  address: z.string().regex(/^\d{1,5}\/\d{1,5}$/),
  type: z.number().int().min(0).max(255),
  label: name,
  /** Whose alarms are its alarms. */
  point: z.string().regex(POINT_ID_PATTERN).optional(),
  zone: name.optional(),
  /** On the plan of its floor; without it the component is on none. */
  at: z.tuple([share, share]).optional(),
});

const unit = z.strictObject({
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
