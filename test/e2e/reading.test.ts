import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, json, serve } from '../http/local-server.ts';
import { Project } from '../support/project.ts';
import { type Person, SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/workflow-run.ts';

const DAY = 86_400_000;
const PAGE = 20;
const CURSOR = 'page: { type: cursor, cursor: next, param: after }';
const WINDOW = 'query: { since: { value: "{window.from}", optional: true }, before: { value: "{window.to}", optional: true } }';

interface Setting {
  readonly people: number;
  readonly list: string;
  readonly source?: string;
  readonly sync?: string;
  readonly errors?: string;
  readonly answer: (people: Map<number, Person>) => Answer;
}

function person(id: number, name: string, at: number): Person {
  return { id, mail: `p${id}@example.test`, name, updated_at: new Date(at).toISOString() };
}

/** A source that answers as the test says, into the small API's contacts. */
async function begin(context: TestContext, { people: count, list, source = '', sync = '', errors = '', answer }: Setting) {
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
function page(response: ServerResponse, found: readonly Person[], after: string | null, headers: Record<string, string> = {}): void {
  const left = found.filter(({ id }) => id > Number(after ?? 0));
  const next = left.length > PAGE ? { next: String(left[PAGE - 1]?.id) } : {};
  json(response, { data: left.slice(0, PAGE), ...next }, 200, headers);
}

describe('slices side by side', { concurrency: 3 }, () => {
  const sliced = (people: Map<number, Person>, latencyMs: number): Answer => {
    return async ({ url }, response) => {
      const query = new URL(url, 'http://x').searchParams;
      await sleep(latencyMs);
      const [since, before] = [query.get('since') ?? '', query.get('before') ?? '9'];
      page(
        response,
        [...people.values()].filter(({ updated_at }) => updated_at > since && updated_at < before),
        query.get('after'),
      );
    };
  };
  const setting = {
    people: 1_200,
    list: `${WINDOW}\n      ${CURSOR}`,
    source: `incremental: { cursorField: updated_at }\n  slices: { by: window, size: 150d, from: ${new Date(Date.now() - 1_150 * DAY).toISOString()}, parallel: 8 }`,
    sync: 'segment: { records: 300 }',
  };

  it('of a run that is killed in the middle lose nothing, and read again only what was under way', async (context) => {
    const { project, worker, server, target, people, run, asked, names } = await begin(context, { ...setting, answer: (all) => sliced(all, 80) });
    const running = run();
    await until('a third to be written', async () => target.contacts.size > 400);
    worker.child.kill('SIGKILL');
    await project.startWorker();
    const { code, text } = await running;
    assert.equal(code, 0, text);
    assert.equal(target.contacts.size, 1_200);
    const requests = asked().map((query) => query.toString());
    const again = requests.length - new Set(requests).size;
    assert.ok(again <= 18, `${again} of ${requests.length} pages read again`);
    // The watermark is the last value of all, whichever slice was read last: nothing more is sent, and a change is found.
    const writes = target.answered(200);
    const second = await run();
    assert.equal(second.code, 0, second.text);
    assert.equal(server.received.length, 1, 'one slice');
    assert.equal(target.answered(200), writes);
    people.set(7, person(7, 'Renamed', Date.now()));
    await run();
    assert.equal(names()['p7@example.test'], 'Renamed');
  });

  it('take a record that moves from one to the other while they are read as it is now', async (context) => {
    const { target, run, names } = await begin(context, {
      ...setting,
      answer: (people) => {
        const answer = sliced(people, 5);
        return async (request, response) => {
          const query = new URL(request.url, 'http://x').searchParams;
          // The page of its old slice is slow, and shows it as it was; meanwhile its new slice shows it as it is.
          const isOld = query.get('since') === null && query.get('after') === null;
          const before = isOld ? structuredClone(people) : people;
          if (isOld) people.set(1, person(1, 'Renamed', Date.now() - 1_000));
          await (isOld ? sliced(before, 500) : answer)(request, response);
        };
      },
    });
    assert.equal((await run()).code, 0);
    assert.equal(target.contacts.size, 1_200);
    assert.equal(names()['p1@example.test'], 'Renamed');
  });
});

describe('slices by list', { concurrency: 3 }, () => {
  const byRegion: Setting = {
    people: 120,
    list: `query: { region: "{slice.value}" }\n      ${CURSOR}`,
    source: 'slices: { by: list, values: [EU, US, ASIA] }',
    answer:
      (people) =>
      ({ url }, response) => {
        const query = new URL(url, 'http://x').searchParams;
        const regions = ['EU', 'US', 'ASIA'];
        page(
          response,
          [...people.values()].filter(({ id }) => regions[id % 3] === query.get('region')),
          query.get('after'),
        );
      },
  };

  it('read an object that can only be listed by a parameter: all of it, a few, and those that are named', async (context) => {
    const { project, target, asked, server, run } = await begin(context, byRegion);
    const few = await project.cli('run', 'people', '--limit', '10', '--yes');
    assert.equal(few.code, 0, few.stderr);
    assert.equal(target.contacts.size, 10);
    assert.deepEqual([...new Set(asked().map((query) => query.get('region')))], ['EU'], 'a few are read from one slice after the other');
    const named = await project.cli('run', 'people', '--key', '119,120', '--yes');
    assert.equal(named.code, 0, named.stderr);
    assert.ok(target.contacts.has('p119@example.test') && target.contacts.has('p120@example.test'));
    const all = await run();
    assert.equal(all.code, 0, all.text);
    assert.equal(target.contacts.size, 120);
    assert.equal(server.received.length, 6);
  });
});

describe('slices that are not what they should be', { concurrency: 3 }, () => {
  const setting = {
    people: 200,
    source: `incremental: { cursorField: updated_at }\n  slices: { by: window, size: 50d, from: ${new Date(Date.now() - 190 * DAY).toISOString()}, parallel: 4 }`,
  };
  const answering =
    (start: string, end: string): Setting['answer'] =>
    (people) =>
    ({ url }, response) => {
      const query = new URL(url, 'http://x').searchParams;
      const found = [...people.values()].filter(
        ({ updated_at }) =>
          (!query.has(start) || (updated_at !== '' && updated_at > (query.get(start) ?? ''))) &&
          (!query.has(end) || (updated_at !== '' && updated_at < (query.get(end) ?? ''))),
      );
      page(response, found, query.get('after'), { 'x-total': String(found.length) });
    };
  const total = 'page: { type: cursor, cursor: next, param: after, total: "headers.\'x-total\'" }';

  it('are read alone where they hold all that the list announces', async (context) => {
    const { target, run, asked } = await begin(context, { ...setting, list: `${WINDOW}\n      ${total}`, answer: answering('since', 'before') });
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.equal(target.contacts.size, 200);
    const whole = asked().filter((query) => !query.has('since') && !query.has('before'));
    assert.equal(whole.length, 1, 'for the total');
  });

  it('hold no record without a date: it is found in the list as a whole', async (context) => {
    const { people, target, run } = await begin(context, { ...setting, list: `${WINDOW}\n      ${total}`, answer: answering('since', 'before') });
    for (let id = 201; id <= 230; id++) people.set(id, { ...person(id, 'Undated', 0), updated_at: '' });
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.equal(target.contacts.size, 230);
    assert.match(text, /read\s+230\b/);
  });

  it('because the API knows their parameters by another name, end the run with a sentence', async (context) => {
    const { project, server, run } = await begin(context, {
      ...setting,
      list: `${WINDOW}\n      ${CURSOR}`,
      answer: answering('updated_since', 'updated_before'),
    });
    assert.equal((await run()).code, 1);
    assert.ok(server.received.length <= 12, `${server.received.length} requests`);
    const { stdout } = await project.cli('show', 'last');
    assert.match(stdout.replace(/\s+/g, ' '), /crm people, asked for a slice .* gave mostly records from outside of it.*Check the names of the parameters/);
  });
});

describe('a cursor that the source forgets in the middle of a run', { concurrency: 3 }, () => {
  const errors = 'errors: [{ when: "status = 410", outcome: cursor-expired, message: body.message }]';
  const forgetting = (good: (walk: number) => number): Setting['answer'] => {
    let walk = 0;
    let left = 0;
    return (people) =>
      ({ url }, response) => {
        const after = new URL(url, 'http://x').searchParams.get('after');
        if (after === null) left = good(++walk);
        if (left-- <= 0) return json(response, { message: 'this cursor has expired' }, 410);
        page(response, [...people.values()], after);
      };
  };

  it('costs nothing but a second read', async (context) => {
    const answer = forgetting((walk) => (walk === 1 ? 7 : 100));
    const { target, run } = await begin(context, { people: 300, list: CURSOR, errors, answer });
    let sent = 0;
    target.refuse = (batch) => {
      sent += batch.length;
    };
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.match(text, /read\s+300\b/);
    assert.match(text, /books\s+closed/);
    assert.equal(target.contacts.size, 300);
    assert.equal(sent, 300, 'nothing is written twice');
  });

  it('always at the same place fails the run with a sentence, and what was read is written', async (context) => {
    const { project, target, run } = await begin(context, { people: 300, list: CURSOR, errors, answer: forgetting(() => 4) });
    const { code } = await run();
    assert.equal(code, 1);
    assert.equal(target.contacts.size, 80);
    const shown = await project.cli('show', 'last');
    assert.match(shown.stdout.replace(/\s+/g, ' '), /this cursor has expired.*read again 3 times and got no further/);
  });
});

describe('an incremental read', { concurrency: 3 }, () => {
  const setting = { people: 50, list: `${WINDOW}\n      ${CURSOR}`, source: 'incremental: { cursorField: updated_at }' };
  /** By id, strictly after the bound: what is equal to it is left out. */
  const strictly =
    (onPage: (people: Map<number, Person>, after: string | null) => Record<string, string> | undefined = () => undefined): Setting['answer'] =>
    (people) =>
    ({ url }, response) => {
      const query = new URL(url, 'http://x').searchParams;
      const found = [...people.values()].filter(({ updated_at }) => updated_at > (query.get('since') ?? ''));
      const headers = onPage(people, query.get('after'));
      page(response, found, query.get('after'), headers);
    };

  it('finds what came in the same moment as the last record of the run before', async (context) => {
    const { people, run, names } = await begin(context, { ...setting, answer: strictly() });
    await run();
    const [last] = [...people.values()]
      .map(({ updated_at }) => updated_at)
      .toSorted()
      .reverse();
    people.set(51, { ...person(51, 'Late', 0), updated_at: last ?? '' });
    const { text } = await run();
    assert.equal(names()['p51@example.test'], 'Late', text);
    assert.match(text, /read\s+2\b/, 'what is equal to the watermark is read again, and nothing else');
  });

  it('finds what changed behind its back, also where the clocks differ by hours', async (context) => {
    const skewMs = -5 * 3_600_000;
    const date = () => ({ date: new Date(Date.now() + skewMs).toUTCString() });
    let hasChanged = false;
    const { people, run, names } = await begin(context, {
      ...setting,
      answer: strictly((all, after) => {
        if (after !== '20' || hasChanged) return date();
        hasChanged = true;
        // When its page is read already; and then a newer one that is still to come.
        all.set(1, person(1, 'Changed', Date.now() + skewMs));
        all.set(49, person(49, 'Newest', Date.now() + skewMs + 500));
        return date();
      }),
    });
    for (const [id, one] of people) people.set(id, { ...one, updated_at: new Date(Date.parse(one.updated_at) + skewMs).toISOString() });
    await run();
    assert.deepEqual([names()['p1@example.test'], names()['p49@example.test']], ['Person 1', 'Newest']);
    await run();
    assert.equal(names()['p1@example.test'], 'Changed');
  });

  it('begins where the last settled one did, when a run could not read to its end', async (context) => {
    let isBroken = false;
    const { target, people, run, asked } = await begin(context, {
      ...setting,
      answer: (all) => (request, response) => {
        const after = new URL(request.url, 'http://x').searchParams.get('after');
        if (isBroken && after !== null) return json(response, { message: 'no' }, 400);
        return strictly()(all)(request, response);
      },
    });
    await run();
    const first = asked().length;
    assert.equal(first, 3);
    for (let id = 1; id <= 45; id++) people.set(id, person(id, `Renamed ${id}`, Date.now() - 100_000 + id));
    isBroken = true;
    assert.equal((await run()).code, 1);
    const [broken] = asked();
    isBroken = false;
    assert.equal((await run()).code, 0);
    assert.equal(asked()[0]?.get('since'), broken?.get('since'), 'the watermark has not moved');
    assert.equal([...target.contacts.values()].filter((contact) => (contact.name ?? '').startsWith('Renamed')).length, 45);
  });
});
