import type { ExportRule } from '../../definition/schema/connector.ts';
import { FILE_LINK, isFor, KIT_JOB, withLink } from './job-vendor.ts';
import { listVendor } from './list-vendor.ts';
import type { AnswerRequest } from './mock-vendor.ts';
import { answerGiving } from './place-value.ts';
import type { SampleRecord } from './sample-records.ts';

const PAGE_SIZE = 2;

/** A vendor that makes one export, and tells its state as the row that runs says. */
export function exportVendor({ create, poll, download }: ExportRule, said: { readonly state: string }, held: readonly SampleRecord[]): AnswerRequest {
  const list = listVendor(download, held, PAGE_SIZE);
  return async (request) => {
    if (isFor(download, request, FILE_LINK)) return list(request);
    if (isFor(create, request)) return { body: await answerGiving(create.id, KIT_JOB) };
    if (isFor(poll, request)) return { body: await withLink(download, 'poll', FILE_LINK, request, await answerGiving(poll.state, said.state)) };
    return { status: 404, body: { message: 'the export has no such request' } };
  };
}
