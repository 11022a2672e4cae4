import { windowKind } from '../../definition/window-kind.ts';
import { type BackfillRange, countWindows, rangeMistake } from '../../engine/backfill-range.ts';
import { atCursorInstant, cursorInstant } from '../../engine/cursor-value.ts';
import { syncScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { ResolvedWithHash } from '../project.ts';

/** What a person asks for; times as they write them, in UTC where they name no zone. */
export interface AskedRange {
  readonly from: string;
  /** Absent: the present. */
  readonly to: string | undefined;
  readonly partitionMs: number;
}

export interface ChosenRange {
  readonly range: BackfillRange;
  readonly windows: number;
  /** The source can be told from when to read, and not until when: all is one window. */
  readonly isOpen: boolean;
}

/** The windows to be read, their bounds written as the source writes its cursor field. @throws CliError where the sync, or the range, cannot be read so */
export async function chooseRange(cli: Cli, { definition }: ResolvedWithHash, asked: AskedRange): Promise<ChosenRange> {
  const { sync } = definition.ref;
  const everything = `use "${cli.command(`run ${sync} --full`)}".`;
  const kind = windowKind(definition);
  if (kind === undefined) throw refused(`${sync} reads everything each time, as it has no \`incremental\`, or its list takes no {window.from}: ${everything}`);
  const watermark = await (await cli.session.ledger()).readWatermark(syncScope(definition.ref));
  if (watermark !== undefined && cursorInstant(watermark.value) === undefined)
    throw refused(`The cursor field of ${sync} is no time, so that no range of time can be read by it: ${everything}`);
  const like = watermark?.value ?? '2026-01-01T00:00:00Z';
  const from = writtenLike(like, asked.from);
  const to = writtenLike(like, asked.to ?? new Date().toISOString());
  const length = (cursorInstant(to) ?? 0) - (cursorInstant(from) ?? 0);
  const range = { from, to, sizeMs: kind === 'open' ? Math.max(length, 1) : asked.partitionMs };
  const mistake = kind === 'open' && length > 0 ? undefined : rangeMistake(range);
  if (mistake !== undefined) throw refused(`--from, --to and --partition: ${mistake}.`);
  return { range, windows: countWindows(range), isOpen: kind === 'open' };
}

/** A mistake stays as it was written. */
function writtenLike(like: string, asked: string): string {
  const instant = cursorInstant(asked);
  return instant === undefined ? asked : atCursorInstant(like, instant);
}

function refused(message: string): CliError {
  return new CliError({ exitCode: EXIT.usage, code: 'USAGE', message });
}
