import type { ResolvedSync } from '../../definition/resolved.ts';
import { modeOf, takesAway } from '../../definition/sync-mode.ts';
import { assertNever } from '../../engine/assert-never.ts';
import type { Rejection } from '../../engine/errors.ts';
import { findHint } from '../../engine/hints.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import type { MappingTrace } from '../../engine/mapping-result.ts';
import { likenessOf } from '../../engine/same-value.ts';
import type { RecordState } from '../../ledger/ledger.ts';
import type { Entry, SkipReason } from '../planning/planner.ts';
import { hideSensitive } from '../reports/hide-sensitive.ts';
import type { ExplainedOutcome, FieldDifference } from './explanation.ts';

export interface OutcomeInput {
  readonly definition: ResolvedSync;
  readonly trace: MappingTrace;
  readonly entry: Entry;
  readonly known: RecordState | undefined;
  /** What the target shows of the record; undefined where it has none, or was not asked. */
  readonly theirs: JsonObject | undefined;
  readonly hints: Parameters<typeof findHint>[1];
}

/** What would become of the record, in words of the command line. */
export function explainOutcome(input: OutcomeInput): ExplainedOutcome {
  const { definition, trace, entry, known, theirs, hints } = input;
  const fields = trace.result.ok ? trace.result.fields : {};
  const shared = { isInTarget: theirs !== undefined, isSentKnown: known?.fields !== undefined, differences: [], kept: [], dropped: [] };
  switch (entry.outcome) {
    case 'change': {
      if (entry.change.action === 'create') return { outcome: 'create', ...shared };
      const dropped = Object.keys(known?.fields ?? {}).filter((field) => !Object.hasOwn(fields, field));
      return { outcome: 'update', ...shared, differences: differencesOf(fields, input), kept: entry.kept, dropped };
    }
    case 'unchanged':
      return { outcome: 'unchanged', ...shared, differences: differencesOf(fields, input), kept: entry.kept };
    case 'skipped':
      return { outcome: 'skipped', reason: entry.reason, message: skippedBecause(definition, entry.reason, known), ...shared };
    case 'held':
      return { outcome: 'held', ...refusal(entry.rejection), ...shared, differences: theirs === undefined ? [] : differencesOf(fields, input) };
    case 'rejected':
      return { outcome: 'rejected', ...refusal(entry.rejection), ...hintFor(entry.rejection, hints), ...repeat(input, entry.rejection), ...shared };
    default:
      return assertNever(entry);
  }
}

function refusal({ reason, field, message }: Rejection): Pick<ExplainedOutcome, 'reason' | 'message'> {
  return { reason, message: field === undefined || message.startsWith(`${field}: `) ? message : `${field}: ${message}` };
}

function hintFor(rejection: Rejection, hints: OutcomeInput['hints']): Pick<ExplainedOutcome, 'hint'> {
  const hint = findHint(rejection, hints);
  return hint === undefined ? {} : { hint };
}

/** The mapping is content with the record, and the ledger remembers that the target was not. */
function repeat({ trace, known }: OutcomeInput, { message }: Rejection): Pick<ExplainedOutcome, 'isRepeat' | 'retryAt'> {
  if (!trace.result.ok || known?.rejection?.message !== message) return {};
  return { isRepeat: true, ...(known.retryAt === undefined ? {} : { retryAt: new Date(known.retryAt).toISOString() }) };
}

/** In the order of the mapping. */
function differencesOf(fields: JsonObject, { definition, known, theirs }: OutcomeInput): readonly FieldDifference[] {
  const { mapping } = definition.sync;
  const sent = known?.fields;
  return Object.entries(fields).flatMap(([field, now]) => {
    const [was, there] = [fieldOf(sent, field), fieldOf(theirs, field)];
    const isNews = sent !== undefined && likenessOf(now, was) !== 'same';
    if (!isNews && (there === undefined || likenessOf(now, there) === 'same')) return [];
    const hide = (value: Json) => hideSensitive(mapping, { [field]: value })[field] ?? null;
    return { field, now: hide(now), ...(was === undefined ? {} : { sent: hide(was) }), ...(there === undefined ? {} : { target: hide(there) }) };
  });
}

function fieldOf(fields: JsonObject | undefined, field: string): Json | undefined {
  return fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function skippedBecause(definition: ResolvedSync, reason: SkipReason, known: RecordState | undefined): string {
  const { target } = definition.sync;
  if (reason === 'exists') return 'the target has it already, and mode insert only creates';
  if (reason === 'not-in-target') return 'the target does not have it, and mode update only changes';
  const why = reason === 'filter' ? 'source.filter leaves it out' : 'the source keeps it as deleted';
  if (known?.contentHash === undefined || known.contentHash === 'archived') return why;
  if (!takesAway(target)) return `${why}; what was sent of it earlier stays in the target`;
  const whose = definition.deleteScope === 'created' ? ', if this sync created it' : '';
  return `${why}; mode ${modeOf(target)} then takes it away in the target${whose}`;
}
