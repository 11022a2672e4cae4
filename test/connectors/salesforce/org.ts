import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import { json, type ReceivedRequest, serve } from '../../http/local-server.ts';
import { answerCollections } from './collections.ts';
import { IngestJobs, Refused } from './ingest-jobs.ts';
import { QueryJobs } from './query-jobs.ts';
import { Records, TYPES } from './records.ts';
import { runQuery } from './soql.ts';

const BASE = '/services/data/v66.0';

type Instead = { readonly status: number; readonly body: unknown } | { readonly status: number; readonly text: string };

/** A Salesforce org, as its documentation has it: REST API, sObject Collections, Bulk API 2.0; client credentials and JWT bearer at its token endpoint. */
export class SalesforceOrg {
  readonly records = new Records();
  readonly jobs = new IngestJobs(this.records);
  readonly exports = new QueryJobs(this.records);
  /** Records in an answer to a query. */
  pageSize = 2_000;
  calls = 0;
  dailyLimit = 15_000;
  token = 'session-1';
  /** Told of each request before it is answered; what it gives is answered in the org's place, `lost`: nothing is. */
  admit: (request: ReceivedRequest) => 'lost' | Instead | undefined = () => undefined;
  readonly received: string[] = [];
  url = '';
  readonly #cursors = new Map<string, readonly unknown[]>();

  static async start(context: TestContext): Promise<SalesforceOrg> {
    const org = new SalesforceOrg();
    const { url } = await serve(context, (request, response) => org.#answer(request, response));
    org.url = url;
    return org;
  }

  async #answer(request: ReceivedRequest, response: ServerResponse): Promise<void> {
    const { method } = request;
    const { pathname, searchParams } = new URL(request.url, 'http://org');
    this.received.push(`${method} ${pathname.replace(BASE, '')}`);
    const instead = this.admit(request);
    if (instead === 'lost') return void response.destroy();
    if (instead !== undefined && 'text' in instead) return void response.writeHead(instead.status).end(instead.text);
    if (instead !== undefined) return json(response, instead.body, instead.status);
    if (pathname === '/services/oauth2/token') return json(response, { access_token: this.token, instance_url: this.url, token_type: 'Bearer', scope: 'api' });
    this.calls += 1;
    response.setHeader('Sforce-Limit-Info', `api-usage=${this.calls}/${this.dailyLimit}`);
    try {
      if (request.headers.authorization !== `Bearer ${this.token}`) throw new Refused(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
      if (this.calls > this.dailyLimit) throw new Refused(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
      await this.#route(method, pathname.slice(BASE.length), searchParams, request, response);
    } catch (error) {
      if (error instanceof Refused) json(response, [{ errorCode: error.errorCode, message: error.message }], error.status);
      else if (error instanceof z.ZodError) json(response, [{ errorCode: 'JSON_PARSER_ERROR', message: error.message }], 400);
      else throw error;
    }
  }

  async #route(method: string, path: string, query: URLSearchParams, { body, headers }: ReceivedRequest, response: ServerResponse): Promise<void> {
    const [, first = '', second = '', third = '', fourth = ''] = path.split('/');
    if (first === 'limits') return json(response, { DailyApiRequests: { Max: this.dailyLimit, Remaining: this.dailyLimit - this.calls } });
    if (first === 'queryAll') return json(response, this.#page(runQuery(this.records, query.get('q') ?? '', { isAll: true })));
    if (first === 'query')
      return json(response, second === '' ? this.#page(runQuery(this.records, query.get('q') ?? '')) : this.#page(this.#cursors.get(second)));
    if (first === 'sobjects' && second === '') return json(response, { sobjects: TYPES.map(({ name }) => ({ name, label: name, queryable: true })) });
    if (first === 'sobjects' && third === 'describe') return json(response, this.#describe(second));
    if (first === 'composite' && second === 'sobjects')
      return json(response, answerCollections(this.records, { method, type: third, externalId: fourth, query, body }));
    if (first === 'jobs' && second === 'query') return this.#queryJob(method, third, fourth, query, body, response);
    if (first !== 'jobs' || second !== 'ingest') throw new Refused(404, 'NOT_FOUND', 'The requested resource does not exist');
    if (method === 'POST') return json(response, this.jobs.create(JSON.parse(body)));
    if (method === 'PUT' && fourth === 'batches') {
      if (!headers['content-type']?.startsWith('text/csv')) throw new Refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'The content type is not supported');
      this.jobs.upload(third, body);
      return void response.writeHead(201).end();
    }
    if (method === 'PATCH') return json(response, this.jobs.change(third, stateSchema.parse(JSON.parse(body)).state));
    if (method === 'GET' && fourth === '') return json(response, this.jobs.look(third));
    response.writeHead(200, { 'content-type': 'text/csv' }).end(this.jobs.results(third, fourth));
  }

  #queryJob(method: string, id: string, what: string, query: URLSearchParams, body: string, response: ServerResponse): void {
    if (method === 'POST') return json(response, this.exports.create(JSON.parse(body)));
    if (method === 'PATCH') return json(response, this.exports.abort(id));
    if (method === 'DELETE') {
      this.exports.delete(id);
      return void response.writeHead(204).end();
    }
    if (what !== 'results') return json(response, this.exports.look(id));
    const { csv, locator, count } = this.exports.results(id, query);
    response.writeHead(200, { 'content-type': 'text/csv', 'Sforce-Locator': locator, 'Sforce-NumberOfRecords': String(count) }).end(csv);
  }

  #page(rows: readonly unknown[] | undefined): object {
    if (rows === undefined) throw new Refused(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    const rest = rows.slice(this.pageSize);
    const records = rows.slice(0, this.pageSize);
    if (rest.length === 0) return { totalSize: rows.length, done: true, records };
    const locator = `01g${this.#cursors.size}-${this.pageSize}`;
    this.#cursors.set(locator, rest);
    return { totalSize: rows.length, done: false, nextRecordsUrl: `${BASE}/query/${locator}`, records };
  }

  #describe(name: string): object {
    const type = this.records.typeOf(name);
    if (type === undefined) throw new Refused(404, 'NOT_FOUND', 'The requested resource does not exist');
    const fieldOf = (field: string) => ({
      name: field,
      label: field,
      type: { Id: 'id', Email: 'email', Industry: 'picklist' }[field] ?? 'string',
      nillable: !type.required.includes(field),
      createable: field !== 'Id' && !field.endsWith('Date'),
      updateable: field !== 'Id' && !field.endsWith('Date'),
      restrictedPicklist: field === 'Industry',
      picklistValues:
        field === 'Industry'
          ? [
              { active: true, value: 'Banking' },
              { active: false, value: 'Gone' },
            ]
          : [],
      defaultedOnCreate: false,
      externalId: type.externalIds.includes(field),
    });
    return { name, label: name, fields: type.fields.map(fieldOf) };
  }
}

const stateSchema = z.object({ state: z.string() });
