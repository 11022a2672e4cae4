import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { OneWrite } from '../crash/one-write.ts';
import { Project } from '../support/project.ts';
import { smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';
import { failureOf, isRead, type Scenario } from './scenario.ts';
import { told } from './stage.ts';

/** Codes that the project, the ledger and other runs lead to. */
export const OWN_SCENARIOS = {
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
      return told(await project.cli('status', '--json'));
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
      await project.cli('status');
      const database = new DatabaseSync(join(project.directory, '.syncline/ledger.db'));
      database.exec('ALTER TABLE runs RENAME TO mislaid');
      database.close();
      return told(await project.cli('status', '--json'));
    },
  },
} satisfies Readonly<Record<string, Scenario>>;

async function emptyProject(context: TestContext): Promise<Project> {
  const project = await Project.create(smallProject('http://127.0.0.1:9'));
  context.after(() => project.stop());
  return project;
}
