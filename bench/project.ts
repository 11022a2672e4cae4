/** What is special about the project of one figure. */
export interface ProjectOptions {
  readonly values?: 'plain' | 'encrypted';
  /** Limits of the one account that all syncs share; absent: source and target are accounts of their own with 8 requests in flight each. */
  readonly limits?: string;
  /** Of each of the two accounts. @default 8 */
  readonly concurrency?: number;
  /** Records of a page and a batch. */
  readonly page?: number;
  /** A target that applies a request at once or never: a lost write is looked into seconds later, else after a minute and a half. */
  readonly isPrompt?: boolean;
}

/** A sync reads people of a set of its own, and writes contacts: `name` is the sync's and the set's. */
export interface SyncOptions {
  readonly name: string;
  readonly records: number;
  readonly isSliced?: boolean;
  /** Slices read at once. @default 8 */
  readonly parallel?: number;
  /** 1, the most important, to 5. @default 3 */
  readonly priority?: number;
}

/** The files of a project with these syncs. */
export function projectFiles(name: string, url: string, syncs: readonly SyncOptions[], options: ProjectOptions): Readonly<Record<string, string>> {
  const { concurrency = 8 } = options;
  return {
    'syncline.yaml': `name: ${name}\nvalues: ${options.values ?? 'plain'}\n`,
    ...(options.limits === undefined
      ? {
          'connections/source.yaml': connection(url, `{ concurrency: ${concurrency} }`, syncs.map((sync) => people(sync, options)).join('')),
          'connections/target.yaml': connection(url, `{ concurrency: ${concurrency} }`, contacts(options), options),
        }
      : { 'connections/account.yaml': connection(url, options.limits, syncs.map((sync) => people(sync, options)).join('') + contacts(options)) }),
    ...Object.fromEntries(syncs.map((sync) => [`syncs/${sync.name}.yaml`, syncFile(sync, options)])),
  };
}

function connection(url: string, limits: string, objects: string, { isPrompt }: ProjectOptions = {}): string {
  const timeouts = isPrompt === true ? 'timeouts: { request: 3s }\n' : '';
  return `connector: generic-rest\nshared: true\nbaseUrl: ${url}\nlimits: ${limits}\n${timeouts}objects:\n${objects}`;
}

function people({ name, records, isSliced }: SyncOptions, { page = 100 }: ProjectOptions): string {
  const slice = isSliced === true ? ', from: { value: "{slice.from}", optional: true }, to: { value: "{slice.to}", optional: true }' : '';
  return `  ${name}:
    primaryKey: id
    list:
      get: /people
      query: { set: ${name}, count: "${records}", limit: "${page}"${slice} }
      records: data
      page: { type: cursor, cursor: next, param: after }
`;
}

function contacts({ page = 100, isPrompt }: ProjectOptions): string {
  const delay = isPrompt === true ? ' applyDelay: 1s,' : '';
  return `  contacts:
    upsert: { post: /contacts/batch, max: ${page},${delay} body: { items: "{records}" }, results: { at: results, by: index, id: id, created: created } }
`;
}

function syncFile({ name, isSliced, parallel = 8, priority = 3 }: SyncOptions, { limits }: ProjectOptions): string {
  const [from, to] = limits === undefined ? ['source', 'target'] : ['account', 'account'];
  const slices = isSliced === true ? `, slices: { by: window, field: updated_at, from: "2026-01-01T00:00:00Z", size: 30d, parallel: ${parallel} }` : '';
  return `source: { connection: ${from}, object: ${name}${slices} }
target: { connection: ${to}, object: contacts, matchOn: email }
priority: ${priority}
mapping:
  email: { from: email_address, transform: [trim, lowercase], type: email, required: true }
  firstname: first_name
  lastname: last_name
  phone: phone
  lifecyclestage: { from: status, values: { won: customer, open: lead }, default: subscriber }
  company: company
`;
}
