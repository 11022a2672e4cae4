import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { clean } from '../output/text.ts';
import type { ScheduleChange } from './schedule-changes.ts';

const INVALID_ARGUMENT = 3;

/** Of schedules that no sync asks for there is no file to look at. @returns undefined where the server did not refuse it: it was away, or something else went wrong */
export function scheduleRefusal({ change, sync }: Pick<ScheduleChange, 'change' | 'sync'>, isOfSync: boolean, error: unknown): CliError | undefined {
  const why = refusalWords(error);
  if (why === undefined) return undefined;
  const where = isOfSync ? ` Look at \`schedule\` in syncs/${sync}.yaml.` : '';
  const message = `The Temporal server refused to ${change} the schedule of ${sync}: ${clean(why).replace(/\.$/, '')}.${where}`;
  return new CliError({ exitCode: EXIT.definition, code: 'SCHEDULE_REFUSED', message, cause: error });
}

/** That one is refused keeps no other from being made. @param all changes that were to be made */
export function allRefusals(refusals: readonly CliError[], all: number): CliError {
  const [first, ...others] = refusals;
  return new CliError({
    exitCode: EXIT.definition,
    code: 'SCHEDULE_REFUSED',
    message: first?.message ?? '',
    details: [...others.map(({ message }) => message), ...(all === 1 ? [] : [`Changes made: ${all - refusals.length} of ${all}.`])],
    cause: first?.cause,
  });
}

/** Temporal's client makes a TypeError of what the server says of times. */
function refusalWords(error: unknown): string | undefined {
  if (error instanceof TypeError) return error.message;
  const found = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const isRefusal = found instanceof Error && 'code' in found && found.code === INVALID_ARGUMENT && 'details' in found;
  return isRefusal ? String(found.details) : undefined;
}
