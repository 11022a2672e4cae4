import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { absenceSentence, findAbsence } from '../../client/temporal/absence.ts';
import type { Program } from '../../scripts/demo/programs.ts';
import { smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';
import { PEOPLE, TwoBuilds } from './two-builds.ts';

describe('rolling out a change with runs in flight', { concurrency: true }, () => {
  describe('that may move', { concurrency: 1 }, () => {
    let builds: TwoBuilds;
    before(async () => {
      builds = await TwoBuilds.create('auto-upgrade');
      builds.project.edit('connections/small.yaml', (text) => text.replace('shared: true', 'shared: true\ntaskQueue: plant'));
    });
    after(() => builds.stop());

    it('starts nothing while no build is current, and says so', async () => {
      await builds.startBuild(1, '*');
      await until('the server to know the worker', async () => (await findAbsence(builds.temporal, builds.place, Date.now(), undefined))?.kind !== 'no-worker');
      const refused = await builds.project.cli('run', 'people', '--yes');
      assert.equal(refused.code, 5);
      assert.match(
        refused.stderr,
        /Workers of build 1 run for .*, but no build is current, so they are given nothing to do\. Make one current: syncline rollout current 1/,
      );
    });

    it('finishes with the next build, and what that one does more, what was begun with the first', async () => {
      await builds.cli('rollout', 'current', '1');
      await builds.cli('run', 'people', '--detach');
      await builds.untilHeld();

      await builds.startBuild(2);
      const refused = await builds.project.cli('rollout', 'current', '2', '--yes');
      assert.match(
        refused.stderr,
        /Build 2 has no workers for some of the task queues that the current build serves\. Start those too, such as "syncline worker --queue NAME"/,
      );
      await builds.startBuild(2, 'plant');
      await builds.cli('rollout', 'ramp', '2', '--percent', '10');
      assert.match(await builds.cli('rollout'), /^2 +10 % +1 .*\n1 +90 % +1 /m);
      await builds.cli('rollout', 'current', '2');
      builds.letGo();
      const { pids: _, ...trace } = await builds.traceOf('sync/people');
      assert.deepEqual(trace, { status: 'COMPLETED', builds: ['1', '2'], isPatched: true });
      assert.equal(builds.api.contacts.size, PEOPLE);
      await builds.untilSaid(/^Build 1 has nothing to do any more: its workers may be stopped\.$/m, 'rollout');
    });

    it('waits, and says so, when builds are given up and no worker is without one', async () => {
      await builds.cli('rollout', 'leave');
      const refused = await builds.project.cli('run', 'people', '--yes');
      assert.match(refused.stderr, /but no build is current/);
    });

    it('has each step of the roll-out in the audit log', async () => {
      const { entries } = z
        .object({ entries: z.array(z.object({ action: z.string(), details: z.unknown() })) })
        .parse(JSON.parse(await builds.cli('audit', '--json')));
      const changes = entries.filter(({ action }) => action === 'rollout.changed').map(({ details }) => details);
      assert.deepEqual(changes.toReversed(), [
        { build: '1', percent: 100 },
        { build: '2', percent: 10 },
        { build: '2', percent: 100 },
        { build: null, percent: 100 },
      ]);
    });
  });

  describe('that are pinned', { concurrency: 1 }, () => {
    let builds: TwoBuilds;
    before(async () => {
      const later = smallProject('')['syncs/people.yaml']?.replace('object: contacts', 'object: notes') ?? '';
      builds = await TwoBuilds.create('pinned', { 'syncs/later.yaml': `dependsOn: [people]\nsegment: { records: 50 }\nmaxSegmentsPerExecution: 1\n${later}` });
    });
    after(() => builds.stop());
    let first: Program;
    let second: Program;

    it('finishes them with the first build, with their steps, children and continuations, and begins new ones with the next', async () => {
      first = await builds.startBuild(1);
      await builds.cli('rollout', 'current', '1');
      await builds.cli('run', '--all', '--detach');
      await builds.untilHeld();

      second = await builds.startBuild(2);
      await builds.cli('rollout', 'current', '2');
      await builds.untilSaid(/^1 +0 % +1 +2 pinned\n\nBuild 1 is needed for 2 pinned runs: graph\/.*, sync\/.*people$/m, 'rollout');
      builds.letGo();
      for (const run of ['graph', 'sync/people', 'sync/later']) {
        assert.deepEqual(await builds.traceOf(run), { status: 'COMPLETED', builds: ['1'], pids: [first.child.pid], isPatched: false }, run);
      }
      assert.deepEqual([builds.api.contacts.size, builds.api.notes.size], [PEOPLE, PEOPLE]);

      await builds.cli('run', 'people');
      assert.deepEqual(await builds.traceOf('sync/people'), { status: 'COMPLETED', builds: ['2'], pids: [second.child.pid], isPatched: true });
    });

    it('moves them when it is told to, also back, and where their workers are gone', async () => {
      builds.holdAgain();
      await builds.cli('run', 'people', '--detach');
      await builds.untilHeld();
      await builds.cli('rollout', 'current', '1');
      second.child.kill('SIGKILL');
      await builds.untilSaid(/1 pinned run of build 2 goes on where new runs go/, 'rollout', 'move', '2');
      builds.letGo();
      const { pids: _, ...trace } = await builds.traceOf('sync/people');
      assert.deepEqual(trace, { status: 'COMPLETED', builds: ['2', '1'], isPatched: false });
    });

    it('says whom a run waits for that is pinned to a build without a worker', async () => {
      const gone = { deployment: `syncline/${builds.place.project}/dev`, buildId: '0' };
      const absence = await findAbsence(builds.temporal, builds.place, Date.now(), gone);
      assert.ok(absence);
      assert.match(
        absenceSentence(absence, builds.place, (words) => `syncline ${words}`),
        /^The run is pinned to build 0, and no worker of that build is running \(of builds 1 and 2 there are some\)\. Start one with SYNCLINE_BUILD_ID=0, or move its runs: syncline rollout move 0$/,
      );
    });
  });
});
