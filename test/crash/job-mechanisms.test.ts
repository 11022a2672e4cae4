import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobWrites } from './job-writes.ts';

const RECORDS = 250;
const dies = () => Promise.reject(new Error('the process is gone'));

describe('a job whose attempt ends', () => {
  it('before it is begun, did nothing: it is given up, and its records go into another', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    let notes = 0;
    // Dies between the upload and the note that it is to be begun.
    const noteJob: typeof writes.ledger.noteJob = (input) => (++notes === 2 ? dies() : writes.ledger.noteJob(input));
    await assert.rejects(writes.send(await writes.claim(), { noteJob }), /the process is gone/);
    assert.equal((await writes.left())?.job?.state, 'open');
    await writes.resolve();
    assert.deepEqual(
      [...writes.org.jobs.jobs.values()].map(({ state }) => state),
      ['Aborted'],
    );
    assert.equal((await writes.ledger.readBacklog('r_1', 0)).planned, RECORDS);
    await writes.finish();
    assert.deepEqual(new Set(writes.made()), new Set([1]));
    assert.equal(writes.made().length, RECORDS - 1);
  });

  it('before its id is kept, is made anew: nobody ever begins the first', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    await assert.rejects(writes.send(await writes.claim(), { noteJob: dies }), /the process is gone/);
    assert.equal((await writes.left())?.job, undefined);
    await writes.finish();
    assert.deepEqual([writes.org.jobs.jobs.size, new Set(writes.made()).size, writes.made().length], [2, 1, RECORDS - 1]);
  });

  it('after it was noted as begun and before it is, is begun by who comes next, and asked for its results', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    let notes = 0;
    const noteJob: typeof writes.ledger.noteJob = (input) => (++notes === 2 ? writes.ledger.noteJob(input).then(dies) : writes.ledger.noteJob(input));
    await assert.rejects(writes.send(await writes.claim(), { noteJob }), /the process is gone/);
    assert.deepEqual(
      [...writes.org.jobs.jobs.values()].map(({ state }) => state),
      ['Open'],
    );
    await writes.finish();
    assert.deepEqual([writes.org.jobs.jobs.size, new Set(writes.made()).size, writes.made().length], [1, 1, RECORDS - 1]);
    const { written, rejected } = await writes.totals();
    assert.deepEqual([written, rejected], [RECORDS - 1, 1]);
  });

  it('is known by its id before a record is uploaded, and as begun before it is', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    const known: Promise<string | undefined>[] = [];
    writes.org.admit = ({ method, body }) => {
      if (method === 'PUT' || body.includes('UploadComplete')) known.push(writes.left().then((left) => left?.job?.state));
      return undefined;
    };
    await writes.send(await writes.claim());
    assert.deepEqual(await Promise.all(known), ['open', 'begun']);
  });

  it('having begun it, is looked at again when it is due: nothing is told as taken over', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    await writes.finish();
    const { takenOver } = await writes.ledger.readTimeline('r_1', { from: 0, stepMs: 3_600_000, slowest: 1 });
    assert.deepEqual(takenOver, []);
  });

  it('and wakes up after another has taken it over, begins nothing', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    let wake: (() => void) | undefined;
    let notes = 0;
    // Stands still before it notes that the job is to be begun.
    const noteJob: typeof writes.ledger.noteJob = async (input) => {
      if (++notes === 2) await new Promise<void>((resolve) => (wake = resolve));
      return writes.ledger.noteJob(input);
    };
    // The target does not even give the job up when it is asked to.
    writes.org.admit = ({ body }) => (body.includes('Aborted') ? { status: 400, body: [] } : undefined);
    const sending = writes.send(await writes.claim(), { noteJob });
    while (wake === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    await writes.resolve();
    wake();
    await sending;
    assert.deepEqual(
      [...writes.org.jobs.jobs.values()].map(({ state }) => state),
      ['Open'],
    );
    await writes.finish();
    assert.deepEqual([new Set(writes.made()).size, writes.made().length], [1, RECORDS - 1]);
  });

  it('and goes on between the look of another and its take-over, is not begun twice', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    let goOn: (() => void) | undefined;
    let notes = 0;
    const noteJob: typeof writes.ledger.noteJob = async (input) => {
      if (++notes === 2) await new Promise<void>((resolve) => (goOn = resolve));
      return writes.ledger.noteJob(input);
    };
    const sending = writes.send(await writes.claim(), { noteJob });
    while (goOn === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    const seen = await writes.left();
    assert.equal(seen?.job?.state, 'open');
    goOn();
    await sending;
    await writes.resolve(seen);
    await writes.finish();
    assert.deepEqual([writes.org.jobs.jobs.size, new Set(writes.made()).size, writes.made().length], [1, 1, RECORDS - 1]);
  });
});

describe('a job whose run ends before it', () => {
  it('is asked for its results by the next run, which sends nothing of it again', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    await writes.send(await writes.claim());
    await writes.endRun();
    const left = await writes.left();
    assert.deepEqual([left?.state, left?.job?.state, left?.size], ['unknown', 'begun', RECORDS]);
    await writes.finish();
    assert.deepEqual([writes.org.jobs.jobs.size, new Set(writes.made()).size, writes.made().length], [1, 1, RECORDS - 1]);
    assert.equal((await writes.ledger.readRecords('acme/dev/contacts', ['0', '3'])).get('0')?.hasUnknown, false);
  });
});

describe('what a job says of its records', () => {
  it('given up half-way: what was processed is settled, the rest goes into another job', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    writes.org.jobs.failsAfter = 100;
    await writes.send(await writes.claim());
    await writes.resolve();
    await writes.resolve();
    writes.org.jobs.failsAfter = undefined;
    const { planned } = await writes.ledger.readBacklog('r_1', 0);
    assert.equal(planned, RECORDS - 100);
    await writes.finish();
    assert.deepEqual([new Set(writes.made()).size, writes.made().length], [1, RECORDS - 1]);
  });

  it('given up with nothing processed: all are rejected in its words, and not sent for ever', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    writes.org.jobs.failsAfter = 0;
    await writes.finish();
    const { written, rejected } = await writes.totals();
    assert.deepEqual([written, rejected, writes.org.jobs.jobs.size], [0, RECORDS, 1]);
    assert.match(JSON.stringify(await writes.ledger.groupRejections('acme/dev/contacts')), /The target gave the job up: TooManyErrors/);
  });

  it('nothing of some: they are asked for once more, then held, never taken for written', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    const { results } = writes.org.jobs;
    writes.org.jobs.results = (id, which) =>
      results
        .call(writes.org.jobs, id, which)
        .split('\n')
        .filter((line) => !line.includes('"x7"'))
        .join('\n');
    await writes.finish();
    const totals = await writes.totals();
    assert.deepEqual([totals.written, totals.rejected, totals.held], [RECORDS - 2, 1, 1]);
  });

  it('no longer known at the target: creates are looked up, and only what is not there is sent again', async (context) => {
    const writes = await JobWrites.begin(context, RECORDS);
    await writes.send(await writes.claim());
    const [job = ''] = writes.org.jobs.jobs.keys();
    writes.org.jobs.look(job);
    writes.org.jobs.look(job);
    writes.org.jobs.jobs.delete(job);
    await writes.resolve();
    assert.equal((await writes.left())?.job?.state, 'gone');
    await writes.finish();
    assert.deepEqual([new Set(writes.made()).size, writes.made().length, writes.org.jobs.jobs.size], [1, RECORDS - 1, 0]);
    const { written, rejected } = await writes.totals();
    assert.deepEqual([written, rejected], [RECORDS - 1, 1]);
  });
});
