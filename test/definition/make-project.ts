import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type LoadedProject, type LoadOptions, loadProject } from '../../definition/load-project.ts';
import { printMistake } from '../../definition/mistake.ts';

export type Files = Readonly<Record<string, string>>;

/** A project without mistakes: a CRM described in its connection, into an API described in a connector. */
export const GOOD: Files = {
  'syncline.yaml': 'name: acme\n',
  'connections/crm.yaml': `connector: generic-rest
profiles:
  dev:
    baseUrl: http://127.0.0.1:4100
    auth: { type: bearer, token: "\${secret:CRM_TOKEN}" }
objects:
  contacts:
    knownFields: [id, email_address, first_name, owner_email, updated_at]
    list:
      get: /contacts
      query: { updated_after: { value: "{window.from}", optional: true } }
      records: data
      page: { type: cursor, cursor: meta.next, param: cursor }
`,
  'connections/shop.yaml': 'connector: shop\nshared: true\nauth: { type: bearer, token: "${secret:SHOP_TOKEN}" }\n',
  'connectors/shop.yaml': `baseUrl: https://shop.test/v1
objects:
  people:
    unique: [email]
    upsert: { put: "/people/{match}" }
  owners:
    knownFields: [id, email, name]
    list: { get: /owners, records: data }
`,
  'syncs/contacts.yaml': `source: { connection: crm, object: contacts }
target: { connection: shop, object: people, matchOn: email }
lookups:
  owner:
    from: { connection: shop, object: owners }
    where: { email: owner_email }
mapping:
  email: { from: email_address, type: email }
  name: first_name
  owner: { lookup: owner }
`,
};

export const ENV = { CRM_TOKEN: 'crm-token-1', SHOP_TOKEN: 'shop-token-1' };

/** A folder with these files, removed when the test ends. */
export function makeFolder(test: TestContext, files: Files): string {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-definition-'));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  }
  return directory;
}

export function loadFiles(test: TestContext, files: Files, options: Partial<LoadOptions> = {}): LoadedProject {
  return loadProject(makeFolder(test, files), { env: ENV, ...options });
}

/** The good project with some of its files changed: each change must apply. */
export function changed(changes: Readonly<Record<string, readonly (readonly [from: string, to: string])[] | string>>): Files {
  const files: Record<string, string> = { ...GOOD };
  for (const [file, change] of Object.entries(changes)) {
    if (typeof change === 'string') {
      files[file] = change;
      continue;
    }
    for (const [from, to] of change) {
      const text = files[file] ?? '';
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      files[file] = text.replace(from, () => to);
    }
  }
  return files;
}

/** The mistakes as they are printed. */
export function linesOf(project: LoadedProject): readonly string[] {
  return project.mistakes.map(printMistake);
}
