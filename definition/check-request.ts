import { checkTemplate, type KnownNames, type Page } from './check-expression.ts';
import type { Mistake } from './mistake.ts';
import type { ConnectorObject } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

type Request = Partial<Pick<NonNullable<ConnectorObject['get']>, (typeof METHODS)[number] | 'query' | 'headers' | 'body' | 'csv'>> & {
  readonly as?: string | undefined;
};

/** What is wrong with the templates of one request. @param names what they may insert */
export function checkRequest(page: Page, path: Path, request: Request, names: KnownNames): Mistake[] {
  const mistakes = METHODS.flatMap((method) => [
    ...checkTemplate(page, [...path, method], request[method], names),
    ...checkPath(page, [...path, method], request[method]),
  ]);
  for (const [parameter, given] of Object.entries(request.query ?? {})) {
    const isLong = typeof given === 'object';
    mistakes.push(...checkTemplate(page, [...path, 'query', parameter, ...(isLong ? ['value'] : [])], isLong ? given.value : given, names));
  }
  for (const [header, value] of Object.entries(request.headers ?? {})) mistakes.push(...checkTemplate(page, [...path, 'headers', header], value, names));
  return [...mistakes, ...checkTemplate(page, [...path, 'body'], request.body, names), ...checkCsv(page, path, request)];
}

/** A dialect of what is read as something else would be passed over. */
function checkCsv({ file }: Page, path: Path, { as, csv }: Request): Mistake[] {
  if (csv === undefined || as === 'csv') return [];
  return [file.mistake([...path, 'csv'], `is of answers that are read \`as: csv\`, not ${as ?? 'json'}`, { at: 'key' })];
}

function checkPath({ file }: Page, path: Path, text: string | undefined): Mistake[] {
  if (text === undefined || text.startsWith('/') || text.startsWith('{') || URL.canParse(text)) return [];
  return [file.mistake(path, `a path begins with "/": "/${text}"`, { severity: 'warning' })];
}
