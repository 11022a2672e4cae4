import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandsFor } from '../../client/commands/index.ts';
import { runCli, TestProject } from './test-project.ts';

const BIN = fileURLToPath(new URL('../../client/bin.mjs', import.meta.url));

/** Tells on stderr which files of commands are loaded. */
const TELL_COMMANDS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const tell = (url) => url.includes('/client/commands/') && process.stderr.write(url.split('/').at(-1) + '\\n');
  registerHooks({ load: (url, context, next) => { tell(url); return next(url, context); } });
`)}`;

describe('the command line', { concurrency: 4 }, () => {
  const project = new TestProject();
  after(() => project.remove());

  test('without a command it shows all of them, and ends well', async () => {
    const { code, stdout } = await project.cli([]);
    assert.equal(code, 0);
    for (const name of 'init check schema run status runs show errors retry records explain worker dev pause resume cancel tune'.split(' ')) {
      assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
    }
  });

  test('a command line loads the command that it begins with, and no other', async () => {
    const names = async (...words: string[]) => (await commandsFor(words)).map(({ name }) => name);
    const all = await names();
    assert.ok(all.length > 40);
    for (const name of all) assert.deepEqual(await names(name, '--help'), [name]);
    assert.deepEqual(await names('--version'), []);
    for (const first of ['help', '--help', '--json', 'stauts', 'constructor']) assert.deepEqual(await names(first, 'status'), all);
    const { stderr } = await runCli(['status', '--help'], { cwd: project.directory, nodeArguments: ['--import', TELL_COMMANDS, BIN] });
    assert.deepEqual(stderr.trim().split('\n'), ['index.ts', 'status.ts'], 'nor do they load one another');
  });

  test('a mistyped command is answered with the one that was meant', async () => {
    const { code, stdout, stderr } = await project.cli(['stauts']);
    assert.deepEqual([code, stdout, stderr], [2, '', '✗ Unknown command "stauts". Did you mean status?\n']);
  });

  test('a mistyped option, a missing argument, a bad value and a needless word are usage errors, each in one sentence', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['run', 'contacts-to-hubspot', '--detatch'], /^✗ Unknown option "--detatch"\. Did you mean --detach\?\n$/],
      [['run'], /^✗ Name a sync, or pass --all\. See "syncline run --help"\.\n$/],
      [['run', 'contacts-to-hubspot', '--limit', 'ten'], /^✗ --limit: expected a whole number from 1 to 1,000,000\. See "syncline run --help"\.\n$/],
      [['records', 'contacts-to-hubspot'], /^✗ Name the record with --key or with --match, or ask for --shared\. /],
      [['explain', 'contacts-to-hubspot', '--key', '1', '--match', 'a'], /^✗ Name the record with --key or with --match\. See "syncline explain --help"\.\n$/],
      [['show'], /^✗ Missing required argument "run"\. See "syncline show --help"\.\n$/],
      [['status', 'twice'], /^✗ Too many arguments for "status"\. Expected 0 arguments but got 1: twice\. See "syncline status --help"\.\n$/],
      [['tune', 'contacts-to-hubspot'], /^✗ Say what to tune: --concurrency, --batch-size or --rate\. /],
      [['rollout', 'ramp', '2'], /^✗ Say how much, of ramp only: rollout ramp BUILD --percent 10\. /],
      [['tune', 'contacts-to-hubspot', '--batch-size', '0'], /^✗ --batch-size: expected a whole number from 1 to 10,000\. /],
    ];
    for (const [words, sentence] of cases) {
      const { code, stdout, stderr } = await project.cli(words);
      assert.equal(code, 2, words.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, sentence);
    }
  });

  test('a word under which there are several commands shows them, on stderr, as do options alone', async () => {
    const group = await project.cli(['connector']);
    assert.deepEqual([group.code, group.stdout], [2, '']);
    assert.match(group.stderr, /^Usage: syncline connector \[options\] \[command\]\n[^✗]+\n {2}probe /);
    const options = await project.cli(['--profile', 'dev']);
    assert.deepEqual([options.code, options.stdout], [2, '']);
    assert.match(options.stderr, /^ {2}status /m);
    const asJson = await project.cli(['connector', '--json']);
    assert.deepEqual(JSON.parse(asJson.stdout), { schemaVersion: 1, error: { code: 'USAGE', message: 'Name a command. See "syncline connector --help".' } });
  });

  test('a profile that no connection has is told beside a sync that never ran on it, and nothing is said to be started', async () => {
    const { code, stderr } = await project.cli(['status', '--profile', 'prod']);
    assert.equal(code, 0);
    assert.match(stderr, /^\n\d+ mistakes? in the definitions\. See them: syncline check --profile prod\n$/);
    assert.match((await project.cli(['status'])).stderr, /^\nStart it: syncline run contacts-to-hubspot\n$/);
  });

  test('with --json an error is one document on stdout too', async () => {
    const { code, stdout } = await project.cli(['show', 'r_zzz', '--json']);
    assert.equal(code, 2);
    assert.deepEqual(JSON.parse(stdout), {
      schemaVersion: 1,
      error: { code: 'UNKNOWN_RUN', message: 'There is no run "r_zzz" in acme/dev. See "syncline status".' },
    });
  });

  test('a mistyped sync is answered with the one that was meant, before anything is connected to', async () => {
    const { code, stderr } = await project.cli(['errors', 'contact-to-hubspot']);
    assert.equal(code, 2);
    assert.equal(stderr, '✗ acme has no sync "contact-to-hubspot" (did you mean "contacts-to-hubspot"?). It has: contacts-to-hubspot.\n');
  });

  test('the project is found upwards; where there is none, it says how to make one', async () => {
    project.write('deep/down/keep.txt', '');
    const found = await runCli(['status'], { cwd: `${project.directory}/deep/down` });
    assert.equal(found.code, 0, found.stderr);
    const missing = await runCli(['status'], { cwd: tmpdir() });
    assert.equal(missing.code, 2);
    assert.match(
      missing.stderr,
      /^✗ There is no syncline\.yaml in .+ or above it\. Make a project with "syncline init my-project", or name one with --project\.\n$/,
    );
  });

  test('the launcher goes on in a newer Node when its own is too old', async () => {
    const pretendOld = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })")}`;
    for (const nodeArguments of [[BIN], ['--import', pretendOld, BIN]]) {
      const { code, stdout, stderr } = await runCli(['--version'], { cwd: project.directory, nodeArguments });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
    }
    const failing = await runCli(['stauts'], { cwd: project.directory, nodeArguments: ['--import', pretendOld, BIN] });
    assert.equal(failing.code, 2);
  });
});
