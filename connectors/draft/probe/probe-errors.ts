import { compileExpression } from '../../../engine/expression.ts';
import { isJsonObject, type Json } from '../../../engine/json.ts';
import { isTruthy } from '../../../engine/truthy.ts';
import { messageOf } from '../../../http/answer-message.ts';
import type { HttpAnswer } from '../../../http/http-client.ts';
import type { RenderedRequest } from '../../rest/request-template.ts';
import { expressionOf, plainName } from '../answer-shape.ts';
import type { ProbeReport } from './findings.ts';
import type { Ask } from './probe-list.ts';

/** What no API has. */
const NOWHERE = 'syncline-probe-no-such-record';
/** How an answer with status 200 says that it is none. */
const SAYS_NO = ['body.success = false', 'body.ok = false', 'body.status = "error"', '$exists(body.error)', '$exists(body.errors)'];
const MESSAGE = /^(?:message|msg|error_message|error_msg|description|error_description|detail|details|reason|text|title|info|error_info|hint)$/;

/** Asks for what does not exist: errors should say so by their status, and in words that are found. */
export async function probeErrors(ask: Ask, list: RenderedRequest, good: HttpAnswer): Promise<ProbeReport> {
  const answer = await ask({ method: 'GET', path: `${list.path.replace(/\?.*$/, '').replace(/\/$/, '')}/${NOWHERE}`, query: [], headers: list.headers });
  if (answer.status >= 200 && answer.status <= 299) return falseSuccess(answer, good);
  const what = `what does not exist is answered with ${answer.status}`;
  if (messageOf(answer.body) !== undefined) return told(true, `${what}, and its message is found`);
  const path = messagePath(answer.body, []);
  if (path === undefined) return told(true, `${what}, without a message`);
  const message = `body.${expressionOf(path)}`;
  const rule = { when: `status in [400, 409, 422] and $exists(${message})`, outcome: 'reject-request', message };
  return {
    ...told(false, `${what}; its message stands at ${message}`),
    proposals: [{ of: 'connector', path: ['errors'], value: [rule], why: `an answer with ${answer.status} has its message there` }],
  };
}

/** An error that comes as a success must be known for what it is, or records vanish in it. */
async function falseSuccess(answer: HttpAnswer, good: HttpAnswer): Promise<ProbeReport> {
  const what = `what does not exist is answered with ${answer.status}, as if it were`;
  for (const condition of SAYS_NO) {
    if (!(await holds(condition, answer)) || (await holds(condition, good))) continue;
    const path = messagePath(answer.body, []);
    const message = path === undefined ? {} : { message: `body.${expressionOf(path)}` };
    const rule = { when: `status = ${answer.status} and ${condition.replaceAll('"', "'")}`, outcome: 'reject-request', ...message };
    return {
      ...told(false, `${what}, with an error in it`),
      proposals: [{ of: 'connector', path: ['errors'], value: [rule], why: 'an error came with that status' }],
    };
  }
  return told(true, `${what}: a wrong path cannot be told from a right one`);
}

async function holds(condition: string, { body }: HttpAnswer): Promise<boolean> {
  return isTruthy(await compileExpression(condition).evaluate({ body }));
}

/** The likeliest text of an error: by its name, the outermost first. */
function messagePath(body: Json, path: readonly string[]): readonly string[] | undefined {
  if (!isJsonObject(body) || path.length > 3) return undefined;
  const fields = Object.entries(body);
  const named = fields.find(([name, value]) => typeof value === 'string' && MESSAGE.test(plainName(name)));
  if (named !== undefined) return [...path, named[0]];
  return fields.map(([name, value]) => messagePath(value, [...path, name])).find((found) => found !== undefined);
}

function told(isGood: boolean, said: string): ProbeReport {
  return { findings: [{ subject: 'errors', isGood, said }], proposals: [] };
}
