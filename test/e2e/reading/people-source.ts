import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { type Answer, json, serve } from '../../http/local-server.ts';
import { Project } from '../../support/project.ts';
import { type Person, SmallApi, smallProject } from '../../support/small-api.ts';

export const DAY = 86_400_000;
const PAGE = 20;
export const CURSOR = 'page: { type: cursor, cursor: next, param: after }';
export const WINDOW = 'query: { since: { value: "{window.from}", optional: true }, before: { value: "{window.to}", optional: true } }';

export interface Setting {
  readonly people: number;
  readonly list: string;
  readonly source?: string;
  readonly sync?: string;
  readonly errors?: string;
  readonly answer: (people: Map<number, Person>) => Answer;
}

export function person(id: number, name: string, at: number): Person {
  return { id, mail: `p${id}@example.test`, name, updated_at: new Date(at).toISOString() };
}

/** A source that answers as the test says, into the small API's contacts. */
export async function begin(context: TestContext, { people: count, list, source = '', sync = '', errors = '', answer }: Setting) {
  const target = await SmallApi.start(0);
  const people = new Map(
    Array.from({ length: count }, (_, index) => [index + 1, person(index + 1, `Person ${index + 1}`, Date.now() - (count - index) * DAY)]),
  );
  const server = await serve(context, answer(people));
  const files = smallProject(target.url);
  const project = await Project.create({
    ...files,
    'connections/crm.yaml': `connector: crm\nshared: true\nbaseUrl: ${server.url}\n`,
    'connectors/crm.yaml': `${errors}\nobjects:\n  people:\n    list:\n      get: /people\n      records: data\n      ${list}\n`,
    'syncs/people.yaml': `source:
  connection: crm
  object: people
  primaryKey: $string(id)
  ${source}
target: { connection: small, object: contacts, matchOn: email }
mapping:
  email: { from: mail, type: email }
  name: name
${sync}
`,
  });
  context.after(async () => {
    await project.stop();
    await target.stop();
  });
  const worker = await project.startWorker();
  const run = async () => {
    server.received.length = 0;
    const { code, stdout, stderr } = await project.cli('run', 'people', '--yes');
    return { code, text: stdout + stderr };
  };
  const asked = () => server.received.map(({ url }) => new URL(url, server.url).searchParams);
  const names = () => Object.fromEntries([...target.contacts.values()].map((contact) => [contact.email, contact.name]));
  return { project, worker, server, people, target, run, asked, names };
}

/** One page of those found, by id, after a cursor. */
export function page(response: ServerResponse, found: readonly Person[], after: string | null, headers: Record<string, string> = {}): void {
  const left = found.filter(({ id }) => id > Number(after ?? 0));
  const next = left.length > PAGE ? { next: String(left[PAGE - 1]?.id) } : {};
  json(response, { data: left.slice(0, PAGE), ...next }, 200, headers);
}
