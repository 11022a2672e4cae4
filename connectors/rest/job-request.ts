import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import { compileTemplate } from '../../engine/template.ts';
import { isTruthy } from '../../engine/truthy.ts';
import type { HttpAnswer, HttpRequest } from '../../http/http-client.ts';
import { brokenContract, evaluateOnAnswer } from './broken-contract.ts';
import { compileRequest, type RenderedRequest, type RequestShape } from './request-template.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

type JobRule = RequestShape & { readonly hosts?: readonly string[] | undefined };

/** Renders a request about a job. @returns undefined where the link that it goes by is missing */
export type RenderJobRequest = (variables: unknown) => Promise<(RenderedRequest & Pick<HttpRequest, 'hosts'>) | undefined>;

/** Compiles a request about a job: by a path, or by a link that an answer gave and that may lead to the hosts named. */
export function compileJobRequest(rule: JobRule, where: string): RenderJobRequest {
  const { hosts } = rule;
  if (hosts === undefined) return compileRequest(rule, where).render;
  const method = METHODS.find((name) => rule[name] !== undefined) ?? 'get';
  const request = compileRequest({ ...rule, [method]: '/' }, where);
  const link = compileTemplate(rule[method] ?? '');
  return async (variables) => {
    const path = (await link.render(variables)) ?? null;
    if (path === null || path === '') return undefined;
    if (typeof path !== 'string' || !URL.canParse(path)) throw brokenContract(`${where}: what should be a link is none.`);
    return { ...(await request.render(variables)), path, hosts };
  };
}

/** What an answer with a good status may still say. */
export interface JobTold {
  readonly refusal?: string;
  readonly isBusy: boolean;
}

export function compileJobTold(
  rule: { readonly error?: string | undefined; readonly busy?: string | undefined },
  where: string,
): (answer: HttpAnswer) => Promise<JobTold> {
  const error = rule.error === undefined ? undefined : compileExpression(rule.error);
  const busy = rule.busy === undefined ? undefined : compileExpression(rule.busy);
  return async ({ body }) => {
    const words: Json = (await evaluateOnAnswer(error, body, `${where}.error`)) ?? null;
    const isBusy = isTruthy(await evaluateOnAnswer(busy, body, `${where}.busy`));
    return { isBusy, ...(isTruthy(words) ? { refusal: typeof words === 'string' ? words : JSON.stringify(words) } : {}) };
  };
}
