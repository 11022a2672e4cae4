import type { BulkRule } from '../../definition/schema/connector.ts';
import type { Json } from '../../engine/json.ts';
import type { HttpClient, HttpRequest } from '../../http/http-client.ts';
import { brokenContract } from './broken-contract.ts';
import { compileFileForm } from './job-create.ts';
import { compileJobRequest } from './job-request.ts';
import { withRecordsFile } from './records-file.ts';
import { refused } from './refused.ts';

/** What an upload is written from. */
export interface Upload {
  readonly job: string;
  readonly records: readonly Json[];
  /** The answer to `create`. */
  readonly created: Json;
}

export type SendUpload = (upload: Upload, more: Pick<HttpRequest, 'observer' | 'signal'>) => Promise<'taken' | 'too-large'>;

/** Uploads the records of a job: as the body of a request, or as a file of a form; through a temporary file, however many they are. */
export function compileUpload(client: HttpClient, connection: string, upload: NonNullable<BulkRule['upload']>, matchOn: string, where: string): SendUpload {
  const { file, body, as, ...request } = upload;
  const render = compileJobRequest(request, where);
  const withForm = file === undefined ? undefined : compileFileForm({ body, file }, where);
  return async ({ job, records, created }, more) => {
    const variables = { job, matchOn, created };
    const rendered = await render(variables);
    if (rendered === undefined) throw brokenContract(`${where}: the answer to "create" has no link to upload to.`);
    const send = async (sent: NonNullable<HttpRequest['body']>) => client.send({ ...rendered, ...more, body: sent, isLong: true, repeat: 'once' });
    const work = withForm === undefined ? withRecordsFile(as, records, where, (blob) => send({ file: blob })) : withForm(records, variables, send);
    const { answer, classification } = await work;
    if (classification.class === 'too-large') return 'too-large';
    if (classification.class !== 'success') throw refused(connection, where, answer, classification);
    return 'taken';
  };
}
