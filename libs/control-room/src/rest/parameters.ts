import { type PipeTransform, type Type } from '@nestjs/common';
import { z } from 'zod';
import { RegistryError } from '@watchfire/registry';
import { Problem } from '../problem/problem.js';

/** An id in a path: anything short; what it does not name is not found. */
export const pathId = { schema: z.string().min(1).max(200) } satisfies {
  schema: z.ZodType;
  pipes?: (Type<PipeTransform> | PipeTransform)[];
};

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The keys that the client gave: an optional key that is absent stays absent. */
export function given<T extends object>(input: T): Given<T> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** What a body refers to and does not exist is a wrong argument, not a wrong address. */
export async function asArgument<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'not_found') {
      throw new Problem('invalid_request', error.message, { cause: error });
    }
    throw error;
  }
}
