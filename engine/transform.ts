import { assertNever } from './assert-never.ts';
import type { Transform } from './field-rule.ts';
import type { Json } from './json.ts';
import type { Trace } from './mapping-step.ts';
import { stripHtml } from './strip-html.ts';

/** Applies the steps in order. Only strings change; anything else, and what `empty-to-null` made null, passes as it is. */
export function applyTransforms(value: Json | undefined, transforms: readonly Transform[], trace?: Trace): Json | undefined {
  let current = value;
  for (const transform of transforms) {
    if (typeof current !== 'string') return current;
    current = applyTransform(current, transform);
    trace?.push({ step: 'transform', rule: transform, value: current });
  }
  return current;
}

function applyTransform(text: string, transform: Transform): string | null {
  switch (transform) {
    case 'trim':
      return text.trim();
    case 'lowercase':
      return text.toLowerCase();
    case 'uppercase':
      return text.toUpperCase();
    case 'title-case':
      return titleCase(text);
    case 'collapse-spaces':
      return text.replaceAll(/\s+/gu, ' ');
    case 'digits-only':
      return text.replaceAll(/[^0-9]+/g, '');
    case 'strip-html':
      return stripHtml(text);
    case 'empty-to-null':
      return text === '' ? null : text;
    default:
      return assertNever(transform);
  }
}

/** `JEAN-LUC O'NEIL` is Jean-Luc O'Neil, `don't` stays one word; an accent may be a sign of its own. */
function titleCase(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/(?<![\p{L}\p{M}\p{N}'’])\p{L}['’]\p{L}/gu, (start) => start.toUpperCase())
    .replaceAll(/(?<![\p{L}\p{M}\p{N}'’])\p{L}/gu, (letter) => letter.toUpperCase());
}
