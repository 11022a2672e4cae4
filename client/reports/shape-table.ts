import { isDrift } from '../../engine/compare-shapes.ts';
import { type FieldShape, JSON_TYPES, type Shape, valuesOf } from '../../engine/shape.ts';
import type { RunShape } from '../../ledger/shape-store.ts';
import { formatPercent } from '../output/numbers.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';

/** The fields that a run met, with their kinds and how many records had them. */
export function renderShape({ shape, findings = [] }: RunShape, theme: Theme): string {
  const changed = new Map(findings.map((finding) => [finding.field, isDrift(finding) ? theme.warning(finding.change) : finding.change]));
  const rows = Object.entries(shape.fields).map(([path, field]) => [clean(path), typesOf(field), ...sharesOf(field, shape), changed.get(path) ?? '']);
  const gone = findings.flatMap(({ field, change }) => (change === 'vanished' ? [[clean(field), '', '', '', changed.get(field) ?? '']] : []));
  const columns = [
    { title: 'Field' },
    { title: 'Type' },
    { title: 'In records', align: 'right' as const },
    { title: 'Null', align: 'right' as const },
    { title: '' },
  ];
  const title = `${theme.strong('The source')}  ${plural(Object.keys(shape.fields).length, 'field')} in ${plural(shape.records, 'record')}`;
  const cutNote = shape.isCut ? [theme.faint('There are more or deeper fields than are kept.')] : [];
  return [title, '', renderTable(columns, [...rows, ...gone], theme), ...cutNote].join('\n');
}

function typesOf({ types }: FieldShape): string {
  return JSON_TYPES.filter((type) => types[type] !== undefined).join(', ') || 'null';
}

function sharesOf(field: FieldShape, { records }: Shape): readonly string[] {
  return [formatPercent(field.present, records), formatPercent(field.present - valuesOf(field), field.present)];
}
