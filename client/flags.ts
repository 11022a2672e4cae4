import { z } from 'zod';

/** Options that every command takes. */
export const GLOBAL_OPTIONS = [
  ['--project <folder>', 'project folder (default: SYNCLINE_PROJECT, or the nearest upwards)'],
  ['--profile <name>', 'profile of the connections (default: SYNCLINE_PROFILE, or defaultProfile)'],
  ['--json', 'print the result as one JSON document; NDJSON when following'],
  ['--quiet', 'no progress, only the result'],
  ['--yes', 'answer every question with yes'],
  ['--no-color', 'no colours (also: NO_COLOR)'],
] as const;

export const globalFlagsSchema = z.object({
  project: z.string().optional(),
  profile: z.string().optional(),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
  yes: z.boolean().default(false),
  color: z.boolean().default(true),
});

export type GlobalFlags = z.output<typeof globalFlagsSchema>;
