import { checkTemplate, type KnownNames, type Page } from './check-expression.ts';
import { METHODS } from './check-request.ts';
import type { Mistake } from './mistake.ts';
import type { WriteEndpoint } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

/** The requests within a request of a write, and what only they have. @param names what they may insert */
export function checkEach(page: Page, path: Path, write: WriteEndpoint, names: KnownNames): Mistake[] {
  const { each, results } = write;
  const { file } = page;
  if (each === undefined)
    return (['headers', 'body'] as const).flatMap((key) =>
      results?.[key] === undefined ? [] : [file.mistake([...path, 'results', key], 'is of a result that is an answer: there is no `each` here', { at: 'key' })],
    );
  const at = [...path, 'each'];
  if (write.graphql !== undefined) return [file.mistake(at, 'is of REST: mutations of GraphQL are put together by aliases', { at: 'key' })];
  const mistakes = METHODS.flatMap((method) => checkTemplate(page, [...at, method], each[method], names));
  for (const [parameter, given] of Object.entries(each.query ?? {})) {
    const isLong = typeof given === 'object';
    mistakes.push(...checkTemplate(page, [...at, 'query', parameter, ...(isLong ? ['value'] : [])], isLong ? given.value : given, names));
  }
  for (const [header, value] of Object.entries(each.headers ?? {})) mistakes.push(...checkTemplate(page, [...at, 'headers', header], value, names));
  mistakes.push(...checkTemplate(page, [...at, 'body'], each.body, names));
  if (results === undefined) mistakes.push(file.mistake(at, 'needs `results`: without it nobody could tell which answer is of which record', { at: 'key' }));
  return mistakes;
}
