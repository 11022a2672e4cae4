import type { BulkPoll } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { HttpClient, HttpRequest } from '../../http/http-client.ts';
import type { JobLook } from '../ports.ts';
import { brokenContract, evaluateOnAnswer, shapeOf } from './broken-contract.ts';
import { keyText } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';

/** How far a job is, by its id. */
export type Look = (job: string, more: Pick<HttpRequest, 'observer' | 'signal'>) => Promise<JobLook>;

export function compileLook(client: HttpClient, connection: string, poll: BulkPoll, matchOn: string, where: string): Look {
  const request = compileRequest(poll, where);
  const state = compileExpression(poll.state);
  const why = poll.error === undefined ? undefined : compileExpression(poll.error);
  return async (job, more) => {
    const { answer, classification } = await client.send({ ...(await request.render({ job, matchOn })), ...more, repeat: 'read' });
    if (classification.class === 'not-found') return { state: 'gone' };
    if (classification.class !== 'success') throw refused(connection, where, answer, classification);
    const found = keyText(await evaluateOnAnswer(state, answer.body, `${where}.state`));
    if (found === undefined) throw brokenContract(`${where}: the answer has no state at "${poll.state}". It has: ${shapeOf(answer.body)}.`);
    if (poll.open.includes(found)) return { state: 'open' };
    if (poll.done.includes(found)) return { state: 'done' };
    if (!poll.failed.includes(found)) return { state: 'running' };
    return { state: 'failed', message: keyText(await evaluateOnAnswer(why, answer.body, `${where}.error`)) ?? `the job ended as ${found}` };
  };
}
