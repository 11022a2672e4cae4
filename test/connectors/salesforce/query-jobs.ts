import { z } from 'zod';
import { Refused } from './ingest-jobs.ts';
import type { Records } from './records.ts';
import { runQuery } from './soql.ts';

const bodySchema = z.strictObject({ operation: z.enum(['query', 'queryAll']), query: z.string() });
const rowsSchema = z.array(z.looseObject({}));

interface QueryJob {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  looks: number;
}

/** Query jobs of Bulk API 2.0, after developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/ (query_create_job, query_get_one_job, query_get_job_results, query_abort_job, query_delete_job). */
export class QueryJobs {
  readonly jobs = new Map<string, QueryJob>();
  looksUntilDone = 1;
  /** The largest set of results, whatever is asked for. */
  maxRecords = 50_000;
  downloads = 0;
  /** Given up, and removed, by their ids. */
  readonly aborted: string[] = [];
  readonly deleted: string[] = [];
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  create(body: unknown): object {
    const { query, operation } = bodySchema.parse(body);
    const id = `750Q${String(this.jobs.size + 1).padStart(14, '0')}`;
    this.jobs.set(id, { rows: rowsSchema.parse(runQuery(this.#records, query)), looks: 0 });
    return { id, operation, state: 'UploadComplete' };
  }

  look(id: string): object {
    const job = this.#job(id);
    job.looks += 1;
    return { id, state: job.looks > this.looksUntilDone ? 'JobComplete' : 'InProgress' };
  }

  abort(id: string): object {
    this.#job(id);
    this.aborted.push(id);
    return { id, state: 'Aborted' };
  }

  delete(id: string): void {
    this.#job(id);
    this.deleted.push(id);
  }

  /** `Sforce-Locator` is the text "null" after the last set of results. */
  results(id: string, query: URLSearchParams): { readonly csv: string; readonly locator: string; readonly count: number } {
    const { rows, looks } = this.#job(id);
    if (looks <= this.looksUntilDone) throw new Refused(400, 'INVALIDJOBSTATE', 'The job is not complete');
    this.downloads += 1;
    const from = Number(Buffer.from(query.get('locator') ?? '', 'base64url').toString() || 0);
    const to = from + Math.min(this.maxRecords, Number(query.get('maxRecords') ?? this.maxRecords));
    const names = Object.keys(rows[0] ?? { Id: '' }).filter((name) => name !== 'attributes');
    const cell = (value: unknown) => `"${String(value ?? '').replaceAll('"', '""')}"`;
    const lines = rows.slice(from, to).map((row) => names.map((name) => cell(row[name])).join(','));
    const locator = to < rows.length ? Buffer.from(String(to)).toString('base64url') : 'null';
    return { csv: `${[names.map(cell).join(','), ...lines].join('\n')}\n`, locator, count: lines.length };
  }

  #job(id: string): QueryJob {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Refused(404, 'NOT_FOUND', 'The requested resource does not exist');
    return job;
  }
}
