import { z } from 'zod';
import type { RunOptions } from '../../ledger/ledger.ts';

/** The body of `POST /v1/syncs/NAME/runs`: the options of `syncline run`. */
const askedRunSchema = z.strictObject({
  full: z.boolean().default(false),
  keys: z
    .array(z.union([z.string().min(1), z.int().transform(String)]))
    .min(1)
    .max(10_000)
    .optional(),
  limit: z.int().min(1).max(1_000_000).optional(),
  useWorkerVersion: z.boolean().default(false),
});

export interface AskedRun {
  readonly options: RunOptions;
  readonly useWorkerVersion: boolean;
}

export interface AskedMistake {
  readonly path: string;
  readonly message: string;
}

/** @returns what is wrong with it, where it is not understood; no body asks for a plain run */
export function readAskedRun(body: Buffer): AskedRun | readonly AskedMistake[] {
  const parsed = askedRunSchema.safeParse(body.length === 0 ? {} : parse(body.toString()));
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const { full, keys, limit, useWorkerVersion } = parsed.data;
  const options = { ...(keys === undefined ? {} : { keys: [...new Set(keys)] }), ...(limit === undefined ? {} : { limit }), ...(full ? { full } : {}) };
  return { options, useWorkerVersion };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
