import { APPLY_DELAY_MS, INDEXING_DELAY_MS } from './treacherous-api.ts';

/** How what has left the source is taken from the target. */
export type CrashMode = 'mirror' | 'archive';
export const ARCHIVED_NAME = 'left';

/** The sync that the rounds run. It declares of the API what is true, with a little to spare. */
export function crashProject(baseUrl: string, mode: CrashMode): Readonly<Record<string, string>> {
  const write = `max: 50, applyDelay: ${APPLY_DELAY_MS + 100}ms, body: { items: "{records}" }, results: { at: results, by: index, id: id, error: error, status: status }`;
  return {
    'connections/api.yaml': `
connector: generic-rest
shared: true
baseUrl: ${baseUrl}
timeouts: { request: 1s, headers: 1s, body: 1s }
limits: { concurrency: 6 }
objects:
  people:
    list: { get: /people, records: $, page: { type: keyset, key: id, param: after } }
    get: { get: "/people/{id}" }
  contacts:
    search: { get: /contacts, query: { emails: "{$join(keys, ',')}" }, records: $, max: 50, indexingDelay: ${INDEXING_DELAY_MS}ms }
    create: { post: /contacts, ${write} }
    delete: { post: /contacts/deletes, record: { id: "{id}" }, ${write} }
    update: { put: /contacts, record: "{$merge([fields, {'id': id}])}", ${write} }
`,
    'syncs/people.yaml': `
source: { connection: api, object: people, primaryKey: $string(id) }
target: { connection: api, object: contacts, matchOn: email, mode: ${mode === 'mirror' ? mode : `{ archive: { set: { name: ${ARCHIVED_NAME} } } }`} }
delete: { scope: linked }
mapping: { email: { from: mail, type: email }, name: name }
segment: { records: 500 }
guard: { maxRejectedPercent: 50, maxDeletes: 100000, maxDeletedPercent: 100 }
`,
  };
}
