import type { BulkPoll } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import type { HttpClient, HttpRequest } from '../../http/http-client.ts';
import type { JobLook } from '../ports.ts';
import { brokenContract, evaluateOnAnswer, shapeOf } from './broken-contract.ts';
import { keyText } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';

type Asking = Pick<HttpRequest, 'observer' | 'signal'>;

export interface JobPoll {
  /** How far a job is, by its id. */
  look(job: string, more: Asking): Promise<JobLook>;
  /** The whole answer. @throws SyncError REQUEST_REJECTED where the job is not known */
  ask(job: string, more: Asking): Promise<Json>;
}

export function compilePoll(client: HttpClient, connection: string, poll: BulkPoll, matchOn: string, where: string): JobPoll {
  const request = compileRequest(poll, where);
  const state = compileExpression(poll.state);
  const why = poll.error === undefined ? undefined : compileExpression(poll.error);
  const send = async (job: string, more: Asking) => client.send({ ...(await request.render({ job, matchOn })), ...more, repeat: 'read' });
  return {
    look: async (job, more) => {
      const { answer, classification } = await send(job, more);
      if (classification.class === 'not-found') return { state: 'gone' };
      if (classification.class !== 'success') throw refused(connection, where, answer, classification);
      const found = keyText(await evaluateOnAnswer(state, answer.body, `${where}.state`));
      // GraphQL has no 404: what is not there is null.
      if (found === undefined && poll.graphql !== undefined) return { state: 'gone' };
      if (found === undefined) throw brokenContract(`${where}: the answer has no state at "${poll.state}". It has: ${shapeOf(answer.body)}.`);
      if (poll.open.includes(found)) return { state: 'open' };
      if (poll.done.includes(found)) return { state: 'done' };
      if (!poll.failed.includes(found)) return { state: 'running' };
      return { state: 'failed', message: keyText(await evaluateOnAnswer(why, answer.body, `${where}.error`)) ?? `the job ended as ${found}` };
    },
    ask: async (job, more) => {
      const { answer, classification } = await send(job, more);
      if (classification.class !== 'success') throw refused(connection, where, answer, classification);
      return answer.body;
    },
  };
}
