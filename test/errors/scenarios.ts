import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { type ErrorCode, SyncError } from '../../engine/errors.ts';
import { connect, outgoing, resolved, send } from '../connectors/connect.ts';
import { OneWrite } from '../crash/one-write.ts';
import { Project } from '../support/project.ts';
import { smallProject } from '../support/small-api.ts';
import { until } from '../support/workflow-run.ts';
import { type Stage, type Told, told } from './stage.ts';

export interface Scenario {
  /** As docs/errors.md says. */
  readonly retry:
    | 'Final'
    | 'Waits'
    | 'Waits, then final'
    | 'Waits, or final'
    | 'Waits for a person'
    | 'Final, with `drift: stop`'
    | 'A defect in Syncline, or books that do not close';
  /** What a person reads: what happened, where, and what to do next. */
  readonly sentence: RegExp;
  /** Of the command; absent where no command ends by it. */
  readonly exit?: number;
  readonly play: (stage: Stage, context: TestContext) => Promise<Told | SyncError>;
}

const isRead = ({ url }: { readonly url?: string | undefined }) => url?.startsWith('/people') === true;

/** Each code, and how it comes about. */
export const SCENARIOS: Readonly<Record<ErrorCode, Scenario>> = {
  DEFINITION_INVALID: {
    retry: 'Final',
    sentence: /syncs\/invalid\.yaml:\d+:\d+.*nowhere/,
    exit: 3,
    play: async (stage) => {
      stage.sync('invalid', (text) => text.replace('connection: small', 'connection: nowhere'));
      return stage.run('invalid', '--json');
    },
  },
  DEFINITION_STALE: {
    retry: 'Final',
    sentence: /The worker has another version of stale.*Point it at this project, or pass --use-worker-version\./,
    exit: 3,
    play: async (stage) => {
      stage.sync('stale');
      stage.worker.child.kill('SIGSTOP');
      const run = stage.run('stale');
      await until('the run to be asked for', async () => (await stage.cli('runs', 'stale')).text.includes('r_'));
      stage.sync('stale', (text) => text.replace('name: name', 'name: mail'));
      stage.worker.child.kill('SIGCONT');
      return run;
    },
  },
  SECRET_MISSING: {
    retry: 'Final',
    sentence: /the secret NOWHERE_SET is not set: put it into the environment, \.env, or a file in SYNCLINE_SECRETS_DIR/,
    exit: 3,
    play: async (stage) => {
      stage.connection('secretive', (text) => text.replace('shared: true', 'shared: true\nauth: { type: bearer, token: "${secret:NOWHERE_SET}" }'));
      stage.sync('secretive', (text) => text.replace('connection: small', 'connection: secretive'));
      return stage.run('secretive', '--json');
    },
  },
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
  DELETE_GUARD: {
    retry: 'Waits for a person',
    sentence:
      /"code":"DELETE_GUARD".*guard waits for you: 50 records of 60 gone from the source, more than the guard lets it delete\..* Nothing has been deleted yet\. See them syncline deletes list r_\w+.* Delete them syncline deletes approve r_\w+.* Keep them syncline deletes deny r_\w+/,
    exit: 7,
    play: async (stage) => {
      stage.connection('emptied', (text) => text.replace('upsert: &upsert', 'delete: { delete: "/contacts/{id}", max: 1 }\n    upsert: &upsert'));
      const mirror = (text: string) =>
        text
          .replaceAll('connection: small', 'connection: emptied')
          .replace('matchOn: email', 'matchOn: email, mode: mirror')
          .concat('delete: { scope: linked }\n');
      stage.sync('guard', mirror);
      const first = await stage.run('guard');
      if (first.exit !== 0) return first;
      for (let id = 11; id <= 60; id++) stage.api.people.delete(id);
      // The first of the two complete reads that it takes.
      await stage.run('guard');
      const forScripts = await stage.run('guard', '--json');
      // Follows the run that waits.
      const { text, exit } = await stage.run('guard');
      await stage.cli('deletes', 'deny', 'last', '--yes');
      for (let id = 11; id <= 60; id++) stage.api.change(id, `Person ${id}`, 0);
      return { text: forScripts.text + text, exit };
    },
  },
  SCHEMA_DRIFT: {
    retry: 'Final, with `drift: stop`',
    sentence: /small people has changed: phone has vanished.+Nothing has been written.+run drift --accept-drift/,
    exit: 1,
    play: async (stage) => {
      stage.sync('drift', (text) => `${text.trimEnd()}\n  phone: phone\ndrift: stop\n`);
      stage.api.shown = (person) => ({ ...person, phone: '+31 20 123 45 67' });
      await stage.run('drift');
      stage.api.shown = (person) => person;
      return stage.run('drift');
    },
  },
  STORE_UNAVAILABLE: {
    retry: 'Waits, or final',
    sentence: /The ledger \S+ledger\.db cannot be used: .+ Check the disk, and who may write there\./,
    exit: 5,
    play: async (_, context) => {
      const project = await emptyProject(context);
      project.write('.syncline/ledger.db', 'this is no database, '.repeat(400));
      return told(project.spawnCli('status', '--json'));
    },
  },
  CLAIM_LOST: {
    retry: 'Waits',
    sentence: /^Another attempt .+ batch b_\S+/,
    play: async (_, context) => {
      const write = await OneWrite.begin(context);
      await write.stage();
      const batch = await write.claim();
      if (batch === undefined) throw new Error('nothing was claimed');
      await write.ledger.takeOver({ batchId: batch.id, from: batch.token, token: 'another', sendBy: Date.now() + 2_000, at: Date.now() });
      return failureOf(
        write.ledger.markUnknown({ batchId: batch.id, token: batch.token, attempts: [], cost: { requests: 0, retries: 0, throttled: 0 }, at: Date.now() }),
      );
    },
  },
  RUN_CONFLICT: {
    retry: 'Final',
    sentence: /alive is already running \(r_\w+\), without --full\. Follow it with .+ or stop it with .+cancel alive/,
    exit: 1,
    play: async (stage) => {
      stage.api.admit = (request) => (isRead(request) ? { status: 429, headers: { 'retry-after': '20' } } : undefined);
      stage.sync('alive');
      await stage.run('alive', '--detach');
      const ended = await stage.run('alive', '--full', '--json');
      await stage.cli('cancel', 'alive', '--yes');
      return ended;
    },
  },
  INTERNAL: {
    retry: 'A defect in Syncline, or books that do not close',
    sentence: /refused a statement of Syncline itself .+ This is a defect: please report it\./,
    exit: 1,
    play: async (_, context) => {
      const project = await emptyProject(context);
      await told(project.spawnCli('status'));
      const database = new DatabaseSync(join(project.directory, '.syncline/ledger.db'));
      database.exec('ALTER TABLE runs RENAME TO mislaid');
      database.close();
      return told(project.spawnCli('status', '--json'));
    },
  },
};

/** What `status` says while the run waits; then the API is itself again, and the run ends. */
async function whileWaiting(stage: Stage, sync: string, wait: RegExp): Promise<Told> {
  const run = stage.run(sync);
  let text = '';
  await until('the wait to be told', async () => {
    ({ text } = await stage.cli('status'));
    return wait.test(text);
  });
  stage.heal();
  const { exit } = await run;
  return { text, exit };
}

async function emptyProject(context: TestContext): Promise<Project> {
  const project = await Project.create(smallProject('http://127.0.0.1:9'));
  context.after(() => project.stop());
  return project;
}

async function failureOf(work: Promise<unknown>): Promise<SyncError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SyncError) return error;
  throw new Error('it did not fail with an error of ours', { cause: error });
}
