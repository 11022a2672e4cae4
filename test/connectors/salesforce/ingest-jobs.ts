import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Fields, Records, Saved, SObjectType } from './records.ts';

const bodySchema = z.object({
  object: z.string(),
  operation: z.enum(['insert', 'update', 'upsert', 'delete']),
  externalIdFieldName: z.string().optional(),
  contentType: z.literal('CSV').default('CSV'),
  lineEnding: z.enum(['LF', 'CRLF']).default('LF'),
  columnDelimiter: z.literal('COMMA').default('COMMA'),
});
const rowsSchema = z.array(z.record(z.string(), z.string()));

interface Job extends z.output<typeof bodySchema> {
  readonly id: string;
  readonly type: SObjectType;
  state: 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed';
  errorMessage?: string;
  csv: string;
  readonly done: { readonly row: Readonly<Record<string, string>>; readonly saved: Saved | undefined }[];
}

/** An answer in the API's words: `[{ errorCode, message }]`. */
export class Refused extends Error {
  readonly status: number;
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

/**
 * Ingest jobs of Bulk API 2.0, after developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/ (create_job, upload_job_data, close_job, get_job_info,
 * get_job_successful_results, get_job_failed_results, get_job_unprocessed_results).
 */
export class IngestJobs {
  readonly jobs = new Map<string, Job>();
  /** How often a job is looked at until it is done. */
  looksUntilDone = 1;
  /** Records of a job that are not processed before it is given up; undefined: all are. */
  failsAfter: number | undefined;
  readonly #records: Records;
  readonly #looks = new Map<string, number>();

  constructor(records: Records) {
    this.#records = records;
  }

  create(body: unknown): object {
    const asked = bodySchema.parse(body);
    const type = this.#records.typeOf(asked.object);
    if (type === undefined) throw new Refused(400, 'INVALIDENTITY', `Entity '${asked.object}' is not supported by the Bulk API.`);
    if (asked.operation === 'upsert' && !type.externalIds.includes(asked.externalIdFieldName ?? ''))
      throw new Refused(
        400,
        'INVALIDJOB',
        `InvalidJob : Field name provided, ${asked.externalIdFieldName} does not match an External ID, Salesforce Id, or indexed field for ${type.name}`,
      );
    const id = `750${String(this.jobs.size + 1).padStart(15, '0')}`;
    this.jobs.set(id, { ...asked, id, type, state: 'Open', csv: '', done: [] });
    return { ...this.shown(id), contentUrl: `services/data/v66.0/jobs/ingest/${id}/batches` };
  }

  upload(id: string, csv: string): void {
    const job = this.#job(id);
    if (job.state !== 'Open' || job.csv !== '') throw new Refused(400, 'INVALIDJOBSTATE', 'Found multiple contents for job: data was uploaded before');
    job.csv = csv;
  }

  change(id: string, state: unknown): object {
    const job = this.#job(id);
    const isAllowed = (state === 'UploadComplete' && job.state === 'Open') || (state === 'Aborted' && (job.state === 'Open' || job.state === 'UploadComplete'));
    if (!isAllowed) throw new Refused(400, 'INVALIDJOBSTATE', `Aborting or closing is not allowed in state ${job.state}`);
    job.state = state === 'Aborted' ? 'Aborted' : 'UploadComplete';
    return this.shown(id);
  }

  /** Looking at a job lets it go on: it is in the queue, then in progress, then done. */
  look(id: string): object {
    const job = this.#job(id);
    const looks = (this.#looks.get(id) ?? 0) + 1;
    this.#looks.set(id, looks);
    if (job.state === 'UploadComplete' || job.state === 'InProgress') {
      if (looks > this.looksUntilDone) this.#process(job);
      else job.state = 'InProgress';
    }
    return this.shown(id);
  }

  shown(id: string): object {
    const { object, operation, state, errorMessage, done } = this.#job(id);
    const processed = done.filter(({ saved }) => saved !== undefined);
    return {
      id,
      object,
      operation,
      state,
      ...(errorMessage === undefined ? {} : { errorMessage }),
      numberRecordsProcessed: processed.length,
      numberRecordsFailed: processed.filter(({ saved }) => saved?.success === false).length,
    };
  }

  /** The order of results is not that of the upload. */
  results(id: string, which: string): string {
    const rows = this.#job(id).done.toReversed();
    if (which === 'successfulResults')
      return table(
        rows.flatMap(({ row, saved }) => (saved?.success === true ? [{ sf__Id: saved.id, sf__Created: String(saved.created), ...row }] : [])),
        ['sf__Id', 'sf__Created'],
      );
    if (which === 'failedResults')
      return table(
        rows.flatMap(({ row, saved }) =>
          saved?.success === false
            ? [{ sf__Id: '', sf__Error: `${saved.error.statusCode}:${saved.error.message}:${saved.error.fields.join(' ')} --`, ...row }]
            : [],
        ),
        ['sf__Id', 'sf__Error'],
      );
    return table(
      rows.flatMap(({ row, saved }) => (saved === undefined ? [row] : [])),
      [],
    );
  }

  #process(job: Job): void {
    const rows = rowsSchema.parse(parse(job.csv, { columns: true, skip_empty_lines: true }));
    const byExternalId = new Map([...this.#records.all(job.object)].map(([id, record]) => [String(record[job.externalIdFieldName ?? 'Id'] ?? ''), id]));
    for (const [index, row] of rows.entries()) {
      const isProcessed = this.failsAfter === undefined || index < this.failsAfter;
      job.done.push({ row, saved: isProcessed ? this.#save(job, row, byExternalId) : undefined });
    }
    job.state = this.failsAfter === undefined ? 'JobComplete' : 'Failed';
    if (job.state === 'Failed') job.errorMessage = 'TooManyErrors : the batch could not be processed in time';
    job.csv = '-';
  }

  #save({ type, operation, externalIdFieldName = 'Id' }: Job, row: Readonly<Record<string, string>>, byExternalId: Map<string, string>): Saved {
    // Empty values are left alone; #N/A clears (datafiles_prepare_csv).
    const fields: Fields = Object.fromEntries(Object.entries(row).flatMap(([name, value]) => (value === '' ? [] : [[name, value === '#N/A' ? null : value]])));
    const id = byExternalId.get(String(fields[externalIdFieldName] ?? ''));
    if (operation === 'delete') return this.#records.delete(type, row['Id'] ?? '');
    if (operation === 'update') return this.#records.update(type, row['Id'] ?? '', fields);
    const saved = operation === 'insert' || id === undefined ? this.#records.create(type, fields) : this.#records.update(type, id, fields);
    if (saved.success) byExternalId.set(String(fields[externalIdFieldName] ?? ''), saved.id);
    return saved;
  }

  #job(id: string): Job {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Refused(404, 'NOT_FOUND', 'The requested resource does not exist');
    return job;
  }
}

function table(rows: readonly Readonly<Record<string, string>>[], columns: readonly string[]): string {
  const names = rows[0] === undefined ? columns : Object.keys(rows[0]);
  const cell = (text = '') => `"${text.replaceAll('"', '""')}"`;
  return `${[names.map(cell), ...rows.map((row) => names.map((name) => cell(row[name])))].map((line) => line.join(',')).join('\n')}\n`;
}
