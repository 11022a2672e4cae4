import type { ConnectorObject, ListEndpoint } from '../../../definition/schema/connector.ts';
import { SyncError } from '../../../engine/errors.ts';
import type { Json } from '../../../engine/json.ts';
import { messageOf } from '../../../http/answer-message.ts';
import type { HttpAnswer, HttpRequest } from '../../../http/http-client.ts';
import { withPage } from '../../rest/page-request.ts';
import { conditionOf, NOT_MODIFIED, validatorsOf } from '../../rest/page-validators.ts';
import { compileRequest, type RenderedRequest } from '../../rest/request-template.ts';
import type { Finding, ProbeReport, Proposal } from './findings.ts';
import { probeErrors } from './probe-errors.ts';
import { probeLimits } from './probe-limits.ts';
import { probePages } from './probe-pages.ts';
import { readRecords } from './read-records.ts';

/** Sends a request as it is; whatever comes back is an answer. */
export type Ask = (request: Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>) => Promise<HttpAnswer>;

export interface ProbedList {
  readonly connection: string;
  readonly name: string;
  readonly object: ConnectorObject & { readonly list: ListEndpoint };
}

/**
 * Reads a page or two of an object, and compares them with what its definition says.
 * @throws SyncError where the first page cannot be had
 */
export async function probeList(ask: Ask, probed: ProbedList): Promise<ProbeReport> {
  const { connection, name, object } = probed;
  const where = `${connection}.${name}.list`;
  const compiled = compileRequest(object.list, where);
  const render = async (cursor?: Json) => compiled.render({ window: {}, cursor });
  const rendered = await render();
  const first = withPage(rendered, object.list.page, undefined);
  const answer = await ask(first);
  if (answer.status < 200 || answer.status > 299) throw refusedBy(where, answer);
  const read = await readRecords(answer, probed, first.query);
  const paged = await probePages({ ask, render, answer, read, rule: object.list.page, where });
  const parts: ProbeReport[] = [
    { findings: read.findings, proposals: read.proposals },
    paged,
    probeLimits([answer.headers]),
    await probeErrors(ask, rendered, answer),
    await probeVersions(ask, first, answer),
  ];
  return { findings: parts.flatMap(({ findings }) => findings), proposals: parts.flatMap(({ proposals }): readonly Proposal[] => proposals) };
}

/** Whether a page that is as it was need not come again. */
async function probeVersions(ask: Ask, first: RenderedRequest, answer: HttpAnswer): Promise<ProbeReport> {
  const { validators } = validatorsOf(first.method, answer);
  const finding = (isGood: boolean, said: string): ProbeReport => ({ findings: [{ subject: 'versions', isGood, said } satisfies Finding], proposals: [] });
  if (validators === undefined) return finding(true, 'pages have neither ETag nor Last-Modified: they come anew each time');
  const again = await ask({ ...first, headers: { ...first.headers, ...conditionOf(first.method, validators) } });
  const what = validators.etag === undefined ? 'Last-Modified' : 'ETag';
  if (again.status === NOT_MODIFIED) return finding(true, `${what} is honoured: pages that are as they were are not sent again`);
  return finding(true, `answers have ${what}, but pages come anew all the same (${again.status})`);
}

function refusedBy(where: string, { status, body }: HttpAnswer): SyncError {
  const words = messageOf(body);
  const said = words === undefined ? '' : `: ${words}`;
  if (status === 401 || status === 403) {
    return new SyncError({
      code: 'CREDENTIALS_REJECTED',
      retry: 'never',
      message: `${where} answers ${status}${said}. Check the credentials of the connection.`,
    });
  }
  return new SyncError({ code: 'REQUEST_REJECTED', retry: 'never', message: `${where} answers ${status}${said}. Check baseUrl and the path of the list.` });
}
