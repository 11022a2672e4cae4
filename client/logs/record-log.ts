import type { SyncRef } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readStory } from '../reports/read-story.ts';
import type { LogEvent } from './log-event.ts';
import type { LogQuery } from './read-log.ts';

const TONES: Readonly<Record<string, LogEvent['tone']>> = {
  rejected: 'bad',
  unknown: 'warning',
  held: 'warning',
  deleted: 'warning',
  archived: 'warning',
  written: 'good',
  resolved: 'good',
};

/** The story of one record as lines of the log; sensitive values hidden. @throws CliError (exit 1) where the sync has never met it */
export async function readRecordLog(cli: Cli, ref: SyncRef, key: string, { since, run, limit }: LogQuery): Promise<readonly LogEvent[]> {
  const story = await readStory(cli, ref, { key });
  if (story === undefined) {
    throw new CliError({
      exitCode: EXIT.failed,
      code: 'UNKNOWN_RECORD',
      message: `${ref.sync} has never met a record with key "${key}". Keys are those of the source.`,
    });
  }
  return story.history.events
    .filter(({ at, runId }) => at >= since && (run === undefined || runId === run.id))
    .map(({ at, event, runId, text, details }, index): LogEvent => {
      const tone = TONES[event];
      return { id: `story ${index}`, at, event, runId, text, ...(tone === undefined ? {} : { tone }), details: { key, ...details } };
    })
    .slice(-limit);
}
