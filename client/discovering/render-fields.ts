import type { FieldFacts, FieldOrigin } from '../../engine/field-facts.ts';
import type { Json } from '../../engine/json.ts';
import { renderTable } from '../output/table.ts';
import { clean, cut } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';

const MAX_LABEL = 32;
const MAX_VALUES = 44;
const SHOWN_EXAMPLES = 3;

/** How the fields became known, as people are told. */
export const ORIGINS: Readonly<Record<FieldOrigin, string>> = {
  metadata: 'as the API tells them',
  openapi: 'by the OpenAPI document',
  introspection: 'by introspection',
  catalogue: "by the database's catalogue",
  sample: 'as the first page of records shows them: others may have more',
  manifest: 'as the connector lists them',
};

export interface RenderFieldsOptions {
  readonly theme: Theme;
  readonly hasExamples: boolean;
  readonly isHidden: (field: string) => boolean;
}

/** A line for each field; columns that would be empty are left out. */
export function renderFields(facts: readonly FieldFacts[], { theme, hasExamples, isHidden }: RenderFieldsOptions): string {
  const columns = [
    { title: 'field', of: ({ name }: FieldFacts) => theme.strong(clean(name)) },
    { title: 'label', of: ({ label = '' }: FieldFacts) => cut(clean(label), MAX_LABEL) },
    { title: 'type', of: ({ type }: FieldFacts): string => type ?? '' },
    {
      title: '',
      of: ({ isRequired = false, isReadOnly = false }: FieldFacts) => [...(isRequired ? ['required'] : []), ...(isReadOnly ? ['read-only'] : [])].join(', '),
    },
    { title: 'values', of: ({ values = [] }: FieldFacts) => cut(clean(values.join(', ')), MAX_VALUES) },
    ...(hasExamples
      ? [{ title: 'examples', of: ({ name, examples = [] }: FieldFacts) => (isHidden(name) ? theme.faint('hidden: sensitive') : exampleText(examples)) }]
      : []),
  ];
  const rows = facts.map((field) => columns.map(({ of }) => of(field)));
  const used = columns.flatMap((_, index) => (index === 0 || rows.some((row) => row[index] !== '') ? [index] : []));
  return renderTable(
    used.map((index) => ({ title: columns[index]?.title ?? '' })),
    rows.map((row) => used.map((index) => row[index] ?? '')),
    theme,
  );
}

function exampleText(examples: readonly Json[]): string {
  const shown = examples.slice(0, SHOWN_EXAMPLES).map((example) => (typeof example === 'string' ? example : JSON.stringify(example)));
  return cut(clean(shown.join(', ')), MAX_VALUES);
}
