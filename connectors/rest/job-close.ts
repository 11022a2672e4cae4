import type { BulkRule } from '../../definition/schema/connector.ts';
import type { HttpClient, HttpRequest } from '../../http/http-client.ts';
import type { JobClosed } from '../ports.ts';
import { compileId } from './job-create.ts';
import { compileJobTold } from './job-request.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';

/** Before the id of a job that gets another one when it is begun: until then it is surely not begun. */
const STAGED = 'staged ';

export interface CloseJob {
  /** What a job that was just made is known by. */
  nameOf(job: string): string;
  /** It gets its own name when it is begun, and was not. */
  isStaged(job: string): boolean;
  close(job: string, more: Pick<HttpRequest, 'observer' | 'signal'>): Promise<JobClosed>;
}

export function compileClose(client: HttpClient, connection: string, rule: BulkRule['close'], matchOn: string, where: string): CloseJob {
  if (rule === undefined) return { nameOf: (job) => job, isStaged: () => false, close: async () => ({}) };
  const request = compileRequest(rule, where);
  const readTold = compileJobTold(rule, where);
  const readId = rule.id === undefined ? undefined : compileId(rule.id);
  const isStaged = (job: string) => readId !== undefined && job.startsWith(STAGED);
  return {
    nameOf: (job) => (readId === undefined ? job : `${STAGED}${job}`),
    isStaged,
    close: async (name, more) => {
      const job = isStaged(name) ? name.slice(STAGED.length) : name;
      const { answer, classification } = await client.send({ ...(await request.render({ job, matchOn })), ...more, repeat: 'read' });
      if (classification.class !== 'success') return { refused: refused(connection, where, answer, classification).message };
      const { refusal, isBusy } = await readTold(answer);
      if (isBusy) return { isBusy: true };
      if (refusal !== undefined) return { refused: `${connection} refused ${where}: ${refusal}.` };
      const begun = await readId?.(answer.body);
      return begun === undefined ? {} : { job: begun };
    },
  };
}
