import { type SyncRef, syncScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readStory } from '../reports/read-story.ts';
import { inOrderOfTime, type LogEvent } from './log-event.ts';
import type { LogQuery } from './read-log.ts';
import { sampleEvents } from './sample-events.ts';

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
export async function readRecordLog(cli: Cli, ref: SyncRef, key: string, { since, run, limit, hasSamples }: LogQuery): Promise<readonly LogEvent[]> {
  const story = await readStory(cli, ref, { key });
  if (story === undefined) {
    throw new CliError({
      exitCode: EXIT.failed,
      code: 'UNKNOWN_RECORD',
      message: `${ref.sync} has never met a record with key "${key}". Keys are those of the source.`,
    });
  }
  const samples = hasSamples
    ? await (await cli.session.ledger()).readSamples({ scope: syncScope(ref), key, from: since, limit, ...(run === undefined ? {} : { runId: run.id }) })
    : [];
  const events = story.history.events
    .filter(({ at, runId }) => at >= since && (run === undefined || runId === run.id))
    .map(({ at, event, runId, text, details }, index): LogEvent => {
      const tone = TONES[event];
      return { id: `story ${index}`, at, event, runId, text, ...(tone === undefined ? {} : { tone }), details: { key, ...details } };
    });
  return inOrderOfTime([...events, ...sampleEvents(samples)]).slice(-limit);
}
