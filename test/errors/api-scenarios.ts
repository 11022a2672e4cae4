import { connect, outgoing, resolved, send } from '../connectors/connect.ts';
import { until } from '../support/until.ts';
import { failureOf, isRead, type Scenario } from './scenario.ts';
import type { Stage, Told } from './stage.ts';

/** A bulk job that begins as it is made, and tells of each record by where it stood. */
const BULK = [
  'create: { post: /jobs, body: { rows: "{records}" } }',
  'record: { ref: "{ref}", person: "{fields}" }',
  'poll: { get: "/jobs/{job}", done: [done], every: 4s }',
  'results: [{ get: "/jobs/{job}/results", by: ref, key: ref, status: status }]',
];

/** Codes that the answers of an API lead to. */
export const API_SCENARIOS = {
  CREDENTIALS_REJECTED: {
    retry: 'Final',
    sentence: /small refused the credentials \(403\): not for you\. Check the secret of connection small, and its scopes\./,
    exit: 6,
    play: async (stage) => {
      stage.api.refuse = () => ({ status: 403, body: { message: 'not for you' } });
      stage.sync('credentials');
      return stage.run('credentials');
    },
  },
  REQUEST_REJECTED: {
    retry: 'Final',
    sentence: /small refused small\.people\.list \(400\): no such filter\. Check the endpoint in the connector\./,
    exit: 1,
    play: async (stage) => {
      stage.api.admit = () => ({ status: 400, body: { message: 'no such filter' } });
      stage.sync('request');
      return stage.run('request');
    },
  },
  RATE_LIMITED: {
    retry: 'Waits',
    sentence: /rated: (source|target): waiting \d+ s: small asked to wait \(429\)\./,
    exit: 0,
    play: async (stage) => {
      stage.api.admit = (request) => (isRead(request) ? { status: 429, headers: { 'retry-after': '7' } } : undefined);
      stage.sync('rated');
      return whileWaiting(stage, 'rated', /RATE_LIMITED|asked to wait/);
    },
  },
  QUOTA_SPENT: {
    retry: 'Waits',
    sentence: /quota: (source|target): waiting \d+ s: The declared quota of daily is spent: Syncline goes on in \d+ s\./,
    exit: 0,
    play: async (stage) => {
      stage.connection('daily', (text) => text.replace('shared: true', 'shared: true\nlimits: { requests: [{ count: 3, per: 10s, spread: false }] }'));
      stage.sync('quota', (text) => text.replaceAll('connection: small', 'connection: daily'));
      return whileWaiting(stage, 'quota', /quota of daily is spent/);
    },
  },
  JOB_RUNNING: {
    retry: 'Waits',
    sentence: /jobs: target: waiting \d+ s: A job of the target is running; it is asked how far it is\./,
    exit: 0,
    play: async (stage) => {
      const { poll, ...answers } = { poll: { state: 'running' }, made: { id: 7 }, results: Array.from({ length: 60 }, (_, ref) => ({ ref, status: 200 })) };
      stage.api.admit = ({ method, url }) => {
        if (url?.startsWith('/jobs') !== true) return undefined;
        return { status: 200, body: method === 'POST' ? answers.made : url.endsWith('/results') ? answers.results : poll };
      };
      stage.connection('bulk', (text) => `${text}  imports:\n    upsert:\n      bulk:\n        ${BULK.join('\n        ')}\n`);
      stage.sync('jobs', (text) => text.replace('target: { connection: small, object: contacts', 'target: { connection: bulk, object: imports'));
      return whileWaiting(stage, 'jobs', /A job of the target is running/, () => {
        poll.state = 'done';
      });
    },
  },
  SYSTEM_UNAVAILABLE: {
    retry: 'Waits, then final',
    sentence: /small answered 503: closed for repairs\. Syncline tries again\. Given up: no progress any more\./,
    exit: 5,
    play: async (stage) => {
      stage.api.admit = () => ({ status: 503, body: { message: 'closed for repairs' } });
      stage.sync('unavailable');
      return stage.run('unavailable');
    },
  },
  CONTRACT_BROKEN: {
    retry: 'Final',
    sentence: /small\.people\.list: the records path "\$" finds .+ Compare the connector with the API's documentation\./,
    exit: 1,
    play: async (stage) => {
      stage.api.admit = () => ({ status: 200, body: 'Welcome to the portal' });
      stage.sync('contract');
      return stage.run('contract');
    },
  },
  CURSOR_EXPIRED: {
    retry: 'Waits',
    sentence: /forgot its paging cursor: too late\..* got no further\. Read the object in smaller parts \(slices\), or by a way of paging that lasts longer\./,
    exit: 1,
    play: async (stage) => {
      stage.write('connectors/forgetful.yaml', 'errors:\n  - { when: status = 410, outcome: cursor-expired, message: body.message }\n');
      stage.connection('forgetful', (text) => text.replace('generic-rest', 'forgetful'));
      stage.sync('cursor', (text) => text.replace('connection: small', 'connection: forgetful'));
      stage.api.admit = ({ url }) => (url?.includes('after=50') === true ? { status: 410, body: { message: 'too late' } } : undefined);
      return stage.run('cursor');
    },
  },
  WRITE_OUTCOME_UNKNOWN: {
    retry: 'Waits',
    sentence: /crm did not answer a write: no whole answer within 0\.3 s\. Whether it was applied is not known yet\./,
    play: async (stage, context) => {
      stage.api.stalls = true;
      const orders = { create: { post: '/notes/batch', max: 50, body: { items: '{records}' }, results: { at: 'results', by: 'index', id: 'id' } } };
      const timeouts = { connectMs: 1_000, headersMs: 5_000, bodyMs: 5_000, requestMs: 300 };
      const connection = connect(context, resolved(stage.api.url, { objects: { orders }, timeouts }));
      return failureOf(send(connection.target('orders', 'email'), 'create', [outgoing('a@x.test', { name: 'A' })]));
    },
  },
} satisfies Readonly<Record<string, Scenario>>;

/** What `status` says while the run waits; then the API is itself again, and the run ends. */
async function whileWaiting(stage: Stage, sync: string, wait: RegExp, end = () => stage.heal()): Promise<Told> {
  const run = stage.run(sync);
  let text = '';
  await until('the wait to be told', async () => {
    ({ text } = await stage.cli('status'));
    return wait.test(text);
  });
  end();
  const { exit } = await run;
  return { text, exit };
}
