import type { ResolvedSync } from '../../definition/resolved.ts';
import { modeOf, takesAway } from '../../definition/sync-mode.ts';
import type { Rejection } from '../../engine/errors.ts';
import { findHint } from '../../engine/hints.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { MappingTrace } from '../../engine/mapping-result.ts';
import type { RecordState } from '../../ledger/ledger.ts';
import { changedFields } from '../planning/changed-fields.ts';
import type { Entry, SkipReason } from '../planning/planner.ts';
import { hideSensitive } from '../reports/hide-sensitive.ts';
import type { ExplainedOutcome, FieldDifference } from './explanation.ts';

export interface OutcomeInput {
  readonly definition: ResolvedSync;
  readonly trace: MappingTrace;
  readonly entry: Entry;
  readonly known: RecordState | undefined;
  readonly hints: Parameters<typeof findHint>[1];
}

/** What would become of the record, in words of the command line. */
export function explainOutcome({ definition, trace, entry, known, hints }: OutcomeInput): ExplainedOutcome {
  const nothing = { isInTarget: false, isSentKnown: known?.fields !== undefined, differences: [], kept: [], dropped: [] };
  switch (entry.outcome) {
    case 'change': {
      const fields = trace.result.ok ? trace.result.fields : {};
      const { change, isFound, kept } = entry;
      if (change.action === 'create') return { ...nothing, outcome: 'create' };
      const differences = differencesOf(definition, fields, { entry, sent: known?.fields });
      const dropped = Object.keys(known?.fields ?? {}).filter((field) => !Object.hasOwn(fields, field));
      return { ...nothing, outcome: 'update', isInTarget: isFound, differences, kept, dropped };
    }
    case 'unchanged':
      return { ...nothing, outcome: 'unchanged', kept: entry.kept };
    case 'skipped':
      return { ...nothing, outcome: 'skipped', reason: entry.reason, message: skippedBecause(definition, entry.reason, known) };
    default:
      return { ...nothing, outcome: entry.outcome, ...refusal(entry.rejection, hints) };
  }
}

function refusal(rejection: Rejection, hints: OutcomeInput['hints']): Pick<ExplainedOutcome, 'reason' | 'message' | 'hint'> {
  const { reason, field, message } = rejection;
  const hint = findHint(rejection, hints);
  return {
    reason,
    message: field === undefined || message.startsWith(`${field}: `) ? message : `${field}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** In the order of the mapping. */
function differencesOf(
  { sync }: ResolvedSync,
  fields: JsonObject,
  { entry, sent }: { readonly entry: Extract<Entry, { outcome: 'change' }>; readonly sent: JsonObject | undefined },
): readonly FieldDifference[] {
  const hide = (field: string, value: JsonObject[string]) => hideSensitive(sync.mapping, { [field]: value })[field] ?? null;
  const toSent = new Map((sent === undefined ? [] : changedFields(fields, undefined, sent)).map((change) => [change.field, change.before ?? null]));
  const toTarget = new Map((entry.isFound ? entry.change.fields : []).map((change) => [change.field, change.before ?? null]));
  return Object.entries(fields).flatMap(([field, now]) => {
    const [was, there] = [toSent.get(field), toTarget.get(field)];
    if (was === undefined && there === undefined) return [];
    return {
      field,
      now: hide(field, now),
      ...(was === undefined ? {} : { sent: hide(field, was) }),
      ...(there === undefined ? {} : { target: hide(field, there) }),
    };
  });
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
