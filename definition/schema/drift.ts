import { z } from 'zod';

/** What a run does where a field that the sync uses has vanished from the source, changed its type, or is null in every record. */
export const DRIFT_RULES = ['stop', 'warn', 'ignore'] as const;

export const driftSchema = z.enum(DRIFT_RULES).meta({
  description:
    'Where a field that the sync uses has vanished from the source, has another type, or is null in every record: stop, the run ends before that is written; warn (default), it goes on and says so; ignore, whatever comes is taken',
});
