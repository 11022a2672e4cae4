import { type AnswerShape, expressionOf, plainName, scalarsOf } from './answer-shape.ts';
import type { AskedParameter } from './asked-parameter.ts';
import type { Guess } from './draft.ts';

const SIZE_PARAM =
  /^(?:(?:page_?)?(?:size|limit|count)|per_?page|limit|take|max_?results|max_?items|top|items_per_page|results_per_page|rows|first|length|page_limit|number_of_results)$/;
const SURE_TOTAL = /^(?:total|total_(?:count|results|items|elements|records|size|hits|rows)|odata_count)$/;
const TOTAL = /^(?:total|total_(?:count|results|items|elements|records|size|hits|rows)|odata_count|count|item_count|record_count)$/;
const PAGES = /^(?:total_pages|page_count|pages|last_page|num_pages|number_of_pages)$/;

/** How many records a page may have. Undefined where the list takes no size, or nothing tells which: then the API's own is used. */
export function guessSize(parameters: readonly AskedParameter[]): Guess<{ readonly param: string; readonly max: number }> | undefined {
  const param = parameters.find(({ name }) => SIZE_PARAM.test(plainName(name)));
  if (param === undefined) return undefined;
  const { name, maximum, default: usual } = param;
  if (maximum !== undefined && maximum >= 1 && maximum <= 10_000) return { value: { param: name, max: maximum }, why: `"${name}" may be ${maximum}` };
  if (usual !== undefined && usual >= 1) return { value: { param: name, max: usual }, why: `"${name}" is ${usual} as it is given, its maximum is not` };
  return undefined;
}

/** Where the answer counts all records: a "count" may be that of the page, and is taken only where a wrong one ends nothing. */
export function guessTotal(answer: AnswerShape, { endsList }: { readonly endsList: boolean }): { readonly total?: string } {
  const total = numberNamed(answer, endsList ? SURE_TOTAL : TOTAL);
  return total === undefined ? {} : { total };
}

/** Where the answer counts all pages. */
export function guessPages(answer: AnswerShape): { readonly totalPages?: string } {
  const totalPages = numberNamed(answer, PAGES);
  return totalPages === undefined ? {} : { totalPages };
}

function numberNamed(answer: AnswerShape, names: RegExp): string | undefined {
  const found = scalarsOf(answer).find(({ path, type }) => type === 'number' && names.test(plainName(path.at(-1) ?? '')));
  return found === undefined ? undefined : expressionOf(found.path);
}
