import { FINDING_KINDS, type FieldDrift, type FindingKind, fewerThanTold } from '../../engine/reconcile.ts';
import type { Finding, Reconciliation, TargetCounts } from '../../ledger/drift-store.ts';
import { formatCount } from '../output/numbers.ts';
import { renderTable } from '../output/table.ts';
import { clean, cut, pad, plural, wrap } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';

const WORDS: Readonly<Record<FindingKind, string>> = {
  missing: 'gone from the target',
  changed: 'changed there by others',
  duplicated: 'there more than once',
  extra: 'sent by no sync',
  stale: 'as written, and the source has changed since',
};

const FORMAT_WORDS = { trim: 'spaces around it', case: 'its case', digits: 'how the number is written', order: 'the order of its parts' } as const;

/** Records that are not in the target as they should be. */
export function driftCount({ found, counts }: Pick<Reconciliation, 'found' | 'counts'>): number {
  const fewer = counts === undefined ? 0 : fewerThanTold(counts);
  return found.missing + found.changed + found.duplicated + found.stale + fewer;
}

export interface DriftLayout {
  readonly sync: string;
  readonly theme: Theme;
  readonly width: number;
}

/** What a reconciliation found, for people, with what is sensitive hidden already: counts, the records with their fields, and what the target does by itself. */
export function renderDrift(reconciliation: Reconciliation, findings: readonly Finding[], { sync, theme, width }: DriftLayout): string {
  const { checked, found, formats, counts: held } = reconciliation;
  if (held !== undefined) return renderCounts(sync, held, theme);
  const drift = driftCount(reconciliation);
  const all = drift + found.extra;
  const parts = [
    checked === 0
      ? `${theme.strong(sync)}: nothing to compare, as it has written nothing yet`
      : drift === 0
        ? `${theme.good('✓')} ${theme.strong(sync)}: ${plural(checked, 'record')} compared, each as it was written`
        : `${theme.bad('✗')} ${theme.strong(sync)}: ${plural(checked, 'record')} compared, ${plural(drift, 'is', 'are')} not as ${found.stale > 0 ? 'the source has it' : 'written'}`,
  ];
  const counts = FINDING_KINDS.filter((kind) => found[kind] > 0).map((kind) => [formatCount(found[kind]), kind, WORDS[kind]] as const);
  const countWidth = Math.max(0, ...counts.map(([count]) => count.length));
  if (counts.length > 0)
    parts.push('', ...counts.map(([count, kind, words]) => `  ${pad(count, countWidth, 'right')}  ${pad(kind, 10)}  ${theme.faint(words)}`));
  if (findings.length > 0) {
    const rows = findings.flatMap((finding) => rowsOf(finding, Math.max(30, Math.floor(width / 3))));
    parts.push('', renderTable([{ title: 'key' }, { title: 'what' }, { title: 'field' }, { title: 'to be' }, { title: 'in the target' }], rows, theme));
    if (all > findings.length) parts.push('', theme.faint(`and ${plural(all - findings.length, 'record')} more; --out writes them all`));
  }
  const learned = Object.entries(formats).flatMap(([field, rules]) => rules.map((rule) => `${field} (${FORMAT_WORDS[rule]})`));
  if (learned.length > 0)
    parts.push('', ...wrap(`The target rewrites by itself, which is no drift: ${learned.join(', ')}.`, width).map((line) => theme.faint(line)));
  return parts.join('\n');
}

function renderCounts(sync: string, { told, inTarget }: TargetCounts, theme: Theme): string {
  const name = theme.strong(sync);
  const beside = `the target has ${plural(inTarget, 'record')}, and was told of ${formatCount(told)}`;
  if (inTarget < told) return `${theme.bad('✗')} ${name}: ${beside}; ${formatCount(told - inTarget)} or more are gone`;
  const rest = inTarget === told ? '' : `; ${formatCount(inTarget - told)} were made by others`;
  return `${theme.good('✓')} ${name}: ${beside}${rest}`;
}

function rowsOf({ key, kind, match, targetId, fields }: Finding, width: number): readonly (readonly string[])[] {
  const name = clean(key ?? match ?? targetId ?? '');
  if (fields.length === 0) return [[name, kind, '', '', kind === 'extra' ? clean(targetId ?? '') : '']];
  return fields.map((drift, index) => [index === 0 ? name : '', index === 0 ? kind : '', drift.field, ...valuesOf(drift).map((value) => cut(value, width))]);
}

function valuesOf({ written, found }: FieldDrift): readonly string[] {
  return [written, found].map((value) => (value === null ? 'nothing' : clean(typeof value === 'string' ? value : JSON.stringify(value))));
}
