import assert from 'node:assert/strict';
import { it } from 'node:test';
import { z } from 'zod';
import { json, serve } from '../../http/local-server.ts';
import { Project } from '../../support/project.ts';

const PEOPLE = Array.from({ length: 60 }, (_, at) => ({ id: at + 1, mail: `p${at + 1}@example.test` }));
const requestsSchema = z.object({ requests: z.array(z.object({ id: z.string(), method: z.string(), url: z.string(), body: z.object({ mail: z.string() }) })) });

/** The long proof: what one answer means is tested where answers are read. */
export function compositeRun(): void {
  it('one request for many records, each with an answer of its own: each record is accounted for', async (context) => {
    const source = await serve(context, (_request, response) => json(response, PEOPLE));
    const users = new Map<string, string>();
    const [throttled, forgotten]: [Set<string>, Set<string>] = [new Set(), new Set()];
    let waitedFrom = 0;
    let early = 0;
    const answerTo = (mail: string): object | undefined => {
      const number = Number(/\d+/.exec(mail)?.[0]);
      if (number % 20 === 7) return { status: 400, body: { error: { code: 'BadName', message: `${mail} may not` } } };
      if (number === 3 && !throttled.has(mail)) {
        throttled.add(mail);
        waitedFrom = Date.now();
        return { status: 429, headers: { 'Retry-After': '2' } };
      }
      users.set(mail, `u${number}`);
      if (number !== 11 || forgotten.has(mail)) return { status: 201, body: { id: `u${number}`, mail } };
      forgotten.add(mail); // applied, and not mentioned
      return undefined;
    };
    const target = await serve(context, ({ url, body }, response) => {
      if (url.startsWith('/users')) {
        const mails = (new URL(url, 'http://here').searchParams.get('mails') ?? '').split(',');
        return json(
          response,
          mails.flatMap((mail) => (users.has(mail) ? [{ id: users.get(mail), mail }] : [])),
        );
      }
      if (waitedFrom > 0 && Date.now() < waitedFrom + 1_900) early += 1;
      const { requests } = requestsSchema.parse(JSON.parse(body));
      if (requests.some((request) => request.body.mail === 'p31@example.test')) return json(response, { error: { message: 'malformed batch' } }, 400);
      const answers = requests.flatMap(({ id, body: { mail } }) => {
        const answer = answerTo(mail);
        return answer === undefined ? [] : [{ id, ...answer }];
      });
      json(response, { responses: answers.toReversed() });
    });
    const each = 'max: 8, body: { requests: "{requests}" }, results: { at: responses, by: ref, key: id }, applyDelay: 0s';
    const project = await Project.create({
      'syncline.yaml': 'name: acme\ndefaultProfile: dev\n',
      'connections/crm.yaml': `connector: generic-rest\nshared: true\nbaseUrl: ${source.url}\nobjects: { people: { list: { get: /people, records: $ } } }\n`,
      'connections/graph.yaml': `connector: generic-rest
shared: true
baseUrl: ${target.url}
limits: { concurrency: 2 }
objects:
  users:
    search: { get: /users, query: { mails: "{$join(keys, ',')}" }, records: $, max: 50 }
    create: { post: /$batch, each: { post: /users }, ${each} }
    update: { post: /$batch, each: { patch: "/users/{id}" }, ${each} }
`,
      'syncs/people.yaml': `source: { connection: crm, object: people }
target: { connection: graph, object: users, matchOn: mail }
mapping: { mail: mail }
guard: { maxRejectedPercent: 20 }
`,
    });
    context.after(() => project.stop());
    await project.startWorker();
    const { stdout, stderr } = await project.cli('run', 'people', '--yes');
    const text = stdout + stderr;
    assert.match(text, /books\s+closed/, text);
    assert.match(text, /rejected\s+4\b/, text);
    assert.equal(users.size, 56);
    assert.ok(early <= 1, `${early} came before the time that one answer named: only who had a place by then`);
    const shown = await project.cli('errors', 'people');
    assert.match(shown.stdout, /may not/);
    assert.match(shown.stdout, /malformed batch/);
  });
}
