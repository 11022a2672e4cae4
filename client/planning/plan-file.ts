import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { Plan } from './plan.ts';

const PLAN_VERSION = 2;

/** What of a saved plan is needed to keep to it. */
const savedPlanSchema = z.object({
  planVersion: z.literal(PLAN_VERSION),
  sync: z.string(),
  definitionHash: z.string(),
  at: z.number(),
  from: z.string().optional(),
  counts: z.object({ create: z.number(), update: z.number(), delete: z.number() }),
  changes: z.array(
    z
      .object({ action: z.enum(['create', 'update', 'delete', 'archive']), key: z.string(), contentHash: z.string(), shownHash: z.string().optional() })
      .transform(({ shownHash, ...change }) => ({ ...change, ...(shownHash === undefined ? {} : { shownHash }) })),
  ),
});
export type SavedPlan = z.output<typeof savedPlanSchema>;

/** Readable by its owner alone. @throws CliError where the file cannot be written */
export function savePlan(cli: Cli, plan: Plan, file: string): void {
  try {
    writeFileSync(cli.file(file), `${JSON.stringify({ planVersion: PLAN_VERSION, ...plan })}\n`, { mode: 0o600 });
  } catch (error) {
    throw new CliError({ exitCode: EXIT.usage, code: 'PLAN_NOT_SAVED', message: `The plan could not be written to ${file}: ${wordsOf(error)}.` });
  }
}

/** @throws CliError where the file cannot be read, or is no plan of this version */
export function readPlan(cli: Cli, file: string): SavedPlan {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(cli.file(file), 'utf8'));
  } catch (error) {
    const message = error instanceof SyntaxError ? `${file} is not a saved plan: it is not JSON.` : `${file} could not be read: ${wordsOf(error)}.`;
    throw unreadable(cli, message, error);
  }
  const read = savedPlanSchema.safeParse(content);
  if (read.success) return read.data;
  const version = z.object({ planVersion: z.number() }).safeParse(content).data?.planVersion;
  const isOther = version !== undefined && version !== PLAN_VERSION;
  throw unreadable(cli, isOther ? `${file} was saved by another version of Syncline.` : `${file} is not a saved plan.`, read.error);
}

function unreadable(cli: Cli, message: string, cause: unknown): CliError {
  return new CliError({
    exitCode: EXIT.usage,
    code: 'PLAN_UNREADABLE',
    message: `${message} Save one with "${cli.command('plan <sync> --out <file>')}".`,
    cause,
  });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
