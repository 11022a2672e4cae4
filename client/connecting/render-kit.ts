import type { KitRow } from '../../connectors/kit/kit-row.ts';
import { clean, pad, wrap } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';

const OPERATION_WIDTH = 13;
const MARGIN = 2;

/** Object by object: what passed on one line an operation; what failed or is open on a line of its own, with its sentence. */
export function renderKit(rows: readonly KitRow[], theme: Theme, width: number): string {
  const objects = [...new Set(rows.map(({ object }) => object))];
  const parts = objects.map((object) => {
    const own = rows.filter((row) => row.object === object);
    const operations = [...new Set(own.map(({ operation }) => operation))];
    const lines = operations.flatMap((operation) =>
      operationLines(
        own.filter((row) => row.operation === operation),
        theme,
        width,
      ),
    );
    return [theme.strong(object ?? 'the connector'), ...lines].join('\n');
  });
  return parts.join('\n\n');
}

function operationLines(rows: readonly KitRow[], theme: Theme, width: number): readonly string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const passed = rows.filter(({ verdict }) => verdict === 'passed').map(({ name }) => clean(name));
  const others = rows.filter(({ verdict }) => verdict !== 'passed');
  const good = passed.length === 0 ? [] : lines(theme.good('✓'), first.operation, passed.join(' · '), width);
  const told = others.flatMap(({ verdict, name, sentence = '' }) => {
    const mark = verdict === 'failed' ? theme.bad('✗') : theme.faint('–');
    return lines(mark, first.operation, `${clean(name)}: ${clean(sentence)}`, width);
  });
  return [...good, ...told];
}

function lines(mark: string, operation: string, words: string, width: number): readonly string[] {
  const indent = ' '.repeat(MARGIN + 2 + OPERATION_WIDTH);
  const [first = '', ...rest] = wrap(words, Math.max(40, width - indent.length));
  return [`${' '.repeat(MARGIN)}${mark} ${pad(operation, OPERATION_WIDTH)}${first}`, ...rest.map((line) => `${indent}${line}`)];
}
