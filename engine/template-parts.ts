import { ExpressionError } from './expression-error.ts';

/** A stretch of a template: literal text, or the source of an expression and where it starts. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly source: string; readonly position: number };

/**
 * Cuts a template into text and `{expression}`s. `{{` and `}}` are braces in the text. Braces and quoted text inside an expression are its own.
 * @throws ExpressionError where a brace has no partner, or holds nothing
 */
export function splitTemplate(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let text = '';
  let at = 0;
  while (at < template.length) {
    const character = template.charAt(at);
    if ((character === '{' || character === '}') && template.charAt(at + 1) === character) {
      text += character;
      at += 2;
    } else if (character === '}') {
      throw new ExpressionError({ message: 'a } without its {; write }} for a brace that is meant as text', source: template, position: at });
    } else if (character === '{') {
      const end = findEnd(template, at);
      const source = template.slice(at + 1, end);
      if (source.trim() === '')
        throw new ExpressionError({ message: '{} holds no expression; write {{}} for braces that are meant as text', source: template, position: at });
      if (text !== '') parts.push({ kind: 'text', text });
      text = '';
      parts.push({ kind: 'expression', source, position: at + 1 });
      at = end + 1;
    } else {
      text += character;
      at += 1;
    }
  }
  if (text !== '' || parts.length === 0) parts.push({ kind: 'text', text });
  return parts;
}

/** The index of the brace that closes the one at `start`. */
function findEnd(template: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let at = start; at < template.length; at++) {
    const character = template.charAt(at);
    if (quote !== '') {
      if (character === '\\' && quote !== '`') at += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'" || character === '`') quote = character;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  throw new ExpressionError({ message: 'a { without its }; write {{ for a brace that is meant as text', source: template, position: start });
}
