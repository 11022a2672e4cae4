import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Faults } from './faults.ts';
import type { Answer, Request } from './http-server.ts';
import { invalidRequest, type Refusal } from './hubspot-error.ts';
import type { HubspotStore } from './hubspot-store.ts';
import type { HubspotWrites, Input } from './hubspot-writes.ts';

const LARGEST_PAGE = 100;
const OBJECTS = { '0-1': 'contacts', '0-2': 'companies' } as const;

const mappingSchema = z.object({
  columnObjectTypeId: z.enum(['0-1', '0-2']),
  columnName: z.string(),
  propertyName: z.string(),
  columnType: z.enum(['HUBSPOT_OBJECT_ID', 'HUBSPOT_ALTERNATE_ID']).optional(),
});
const requestSchema = z.object({
  name: z.string(),
  importOperations: z.record(z.string(), z.enum(['UPSERT', 'CREATE', 'UPDATE'])).default({}),
  files: z
    .array(
      z.object({
        fileName: z.string(),
        fileFormat: z.literal('CSV'),
        fileImportPage: z.object({ hasHeader: z.literal(true), columnMappings: z.array(mappingSchema).min(1) }),
      }),
    )
    .length(1),
});
const formSchema = z.object({ importRequest: z.string(), files: z.object({ fileName: z.string(), text: z.string() }) });
const rowsSchema = z.array(z.array(z.string()));

type Mapping = z.output<typeof mappingSchema>;
type Operation = 'UPSERT' | 'CREATE' | 'UPDATE';
type ImportName = (typeof OBJECTS)[keyof typeof OBJECTS];

type ImportObjects = Readonly<Record<ImportName, { readonly store: HubspotStore; readonly writes: HubspotWrites }>>;

interface Import {
  readonly id: string;
  readonly name: string;
  readonly errors: readonly unknown[];
  readonly counters: Readonly<Record<string, number>>;
  looks: number;
  isCanceled: boolean;
}

/** `/crm/v3/imports`: a CSV file whose rows become records, one after the other; only what went wrong is listed ("CRM API | Imports"). */
export class HubspotImports {
  /** So often an import is found at work before it is done. */
  looksUntilDone = 1;
  readonly all = new Map<string, Import>();
  readonly #objects: ImportObjects;

  constructor(objects: ImportObjects) {
    this.#objects = objects;
  }

  /** @param rest the path behind `imports`. @returns undefined where there is no such endpoint */
  handle(request: Request, rest: string | undefined, faults: Faults): Answer | undefined {
    const { method, query } = request;
    if (rest === undefined || rest === '') return method === 'POST' ? this.#start(request.body, faults) : undefined;
    const [id = '', what] = rest.split('/');
    const found = this.all.get(id);
    if (found === undefined) return undefined;
    if (what === undefined && method === 'GET') {
      found.looks += 1;
      return { status: 200, body: this.#shown(found) };
    }
    if (what === 'errors' && method === 'GET') return listErrors(found, query);
    if (what !== 'cancel' || method !== 'POST') return undefined;
    found.isCanceled = true;
    return { status: 200, body: { status: 'COMPLETE' } };
  }

  #start(body: unknown, faults: Faults): Answer {
    const form = formSchema.safeParse(body);
    if (!form.success) return invalidRequest('importRequest and files are wanted as multipart/form-data');
    const { files: file, importRequest } = form.data;
    const asked = requestSchema.safeParse(JSON.parse(importRequest));
    if (!asked.success) return invalidRequest(`Unable to parse JSON: ${z.prettifyError(asked.error)}`);
    const [page] = asked.data.files;
    const columns = page?.fileImportPage.columnMappings ?? [];
    const [header = [], ...rows] = rowsSchema.parse(parse(file.text, { bom: true }));
    if (page?.fileName !== file.fileName) return invalidRequest(`There is no file ${page?.fileName} in the request`);
    if (header.length !== columns.length || columns.some(({ columnName }, index) => header[index] !== columnName))
      return invalidRequest('Incorrect number of columns', { columns: header });
    const type = columns[0]?.columnObjectTypeId ?? '0-1';
    const id = String(this.all.size + 1_001);
    const took = this.#take(OBJECTS[type], asked.data.importOperations[type] ?? 'UPSERT', { columns, rows }, faults);
    this.all.set(id, { id, name: asked.data.name, looks: 0, isCanceled: false, ...took });
    return { status: 200, body: this.#shown(this.all.get(id)) };
  }

  #take(object: ImportName, operation: Operation, file: { readonly columns: readonly Mapping[]; readonly rows: readonly string[][] }, faults: Faults) {
    const { store, writes } = this.#objects[object];
    const errors: unknown[] = [];
    const counts = { created: 0, updated: 0 };
    for (const [index, cells] of file.rows.entries()) {
      const row = readRow(file.columns, cells);
      const known = row.id === undefined ? (row.by === undefined ? undefined : store.find(row.by.name, row.by.value)[0]) : store.get(row.id);
      const kind = operation === 'CREATE' || (known === undefined && operation === 'UPSERT') ? 'create' : 'update';
      const input: Input = { ...(known === undefined ? {} : { id: known.id }), properties: row.properties };
      const refusal = writes.refusalOf(kind, input, faults);
      if (refusal === undefined) {
        writes.write(kind, input, faults);
        counts[kind === 'create' ? 'created' : 'updated'] += 1;
      } else errors.push(...errorsOf(refusal, { index, cells, type: object === 'contacts' ? '0-1' : '0-2' }));
    }
    const { created, updated } = counts;
    const counters = { TOTAL_ROWS: file.rows.length, CREATED_OBJECTS: created, UPDATED_OBJECTS: updated, UNIQUE_OBJECTS_WRITTEN: created + updated };
    return { errors, counters };
  }

  #shown(shown: Import | undefined): unknown {
    if (shown === undefined) return undefined;
    const { id, name, counters, looks, isCanceled } = shown;
    const state = isCanceled ? 'CANCELED' : looks === 0 ? 'STARTED' : looks > this.looksUntilDone ? 'DONE' : 'PROCESSING';
    return { id, importName: name, importSource: 'API', state, optOutImport: false, metadata: { counters: state === 'DONE' ? counters : {}, fileIds: [id] } };
  }
}

/** An empty cell says nothing of its property. */
function readRow(columns: readonly Mapping[], cells: readonly string[]) {
  const properties: Record<string, string> = {};
  let id: string | undefined;
  let by: { readonly name: string; readonly value: string } | undefined;
  for (const [index, { propertyName, columnType }] of columns.entries()) {
    const value = cells[index] ?? '';
    if (columnType === 'HUBSPOT_OBJECT_ID') id = value;
    else if (value !== '') properties[propertyName] = value;
    if (columnType === 'HUBSPOT_ALTERNATE_ID') by = { name: propertyName, value };
  }
  return { id, by, properties };
}

function errorsOf({ category, message, errors = [] }: Refusal, row: { readonly index: number; readonly cells: readonly string[]; readonly type: string }) {
  const types = errors.flatMap((error) => z.object({ code: z.string(), message: z.string() }).safeParse(error).data ?? []);
  return (types.length > 0 ? types : [{ code: category, message }]).map((error, index) => ({
    id: `${row.index}-${index}`,
    createdAt: Date.now(),
    errorType: error.code,
    errorMessage: error.message,
    objectTypeId: row.type,
    sourceData: { lineNumber: row.index + 1, rowData: row.cells, fileId: 1 },
  }));
}

function listErrors({ errors }: Import, query: URLSearchParams): Answer {
  const limit = Number(query.get('limit') ?? 10);
  const after = Number(query.get('after') ?? 0);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) return invalidRequest(`limit must be a number from 1 to ${LARGEST_PAGE}`);
  const paging = after + limit < errors.length ? { paging: { next: { after: String(after + limit), link: '' } } } : {};
  return { status: 200, body: { results: errors.slice(after, after + limit), ...paging } };
}
