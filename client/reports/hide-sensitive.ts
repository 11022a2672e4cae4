import type { ResolvedSync } from '../../definition/resolved.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import { matchFields } from '../../engine/match-fields.ts';
import { HIDDEN } from '../../engine/show-value.ts';
import type { Finding } from '../../ledger/drift-store.ts';
import type { Plan } from '../planning/plan.ts';

type Mapping = ResolvedSync['sync']['mapping'];

/** What of a sync says which values may not be shown. */
export interface HidingRules {
  readonly mapping: Mapping;
  readonly target: { readonly matchOn: string };
}

/** Target fields with the values of those marked `sensitive` in the mapping hidden. */
export function hideSensitive(mapping: Mapping | undefined, fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, hideValue(mapping, name, value)]));
}

/** Of several fields one that is hidden hides all. */
export function hideMatch({ mapping, target }: HidingRules, match: string): string {
  return matchFields(target.matchOn).some((name) => isSensitive(mapping, name)) ? HIDDEN : match;
}

/** A plan fit to be shown and kept in a file: what holds a run to it are hashes. */
export function hidePlan(rules: HidingRules, plan: Plan): Plan {
  const changes = plan.changes.map((change) => ({
    ...change,
    match: hideMatch(rules, change.match),
    fields: change.fields.map(({ field, before, after }) => ({
      field,
      ...(before === undefined ? {} : { before: hideValue(rules.mapping, field, before) }),
      after: hideValue(rules.mapping, field, after),
    })),
  }));
  return { ...plan, changes };
}

/** What a comparison found of a record, fit to be shown. */
export function hideFinding(rules: HidingRules, { match, fields, ...finding }: Finding): Finding {
  return {
    ...finding,
    ...(match === undefined ? {} : { match: hideMatch(rules, match) }),
    fields: fields.map((drift) => ({
      ...drift,
      written: hideValue(rules.mapping, drift.field, drift.written),
      found: hideValue(rules.mapping, drift.field, drift.found),
    })),
  };
}

function hideValue(mapping: Mapping | undefined, field: string, value: Json): Json {
  return value !== null && isSensitive(mapping, field) ? HIDDEN : value;
}

function isSensitive(mapping: Mapping | undefined, field: string): boolean {
  const rule = mapping !== undefined && Object.hasOwn(mapping, field) ? mapping[field] : undefined;
  return typeof rule === 'object' && rule.sensitive === true;
}
