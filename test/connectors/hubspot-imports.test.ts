import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { JobWriter, OutgoingRecord, Target } from '../../connectors/ports.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { json, serve } from '../http/local-server.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { connect, outgoing, resolved } from './connect.ts';
import { shippedConnector } from './shipped-connector.ts';

const { errors, hints, objects } = shippedConnector('hubspot');
const CONTACTS = 130;
/** More than HubSpot lists on one page. */
const REFUSED = 105;

/** The look-alike that is started for the demo: its imports are made after HubSpot's guide, not after the manifest. */
async function hubspot(context: TestContext): Promise<{ readonly sandbox: Sandbox; readonly target: Target }> {
  const sandbox = await Sandbox.start('--contacts', '1', '--indexing-delay-ms', '0');
  context.after(() => sandbox.stop());
  return { sandbox, target: targetAt(context, sandbox.hubspotUrl) };
}

function targetAt(context: TestContext, url: string): Target {
  const auth = { type: 'bearer', token: 'hubspot-dev-token' };
  return connect(context, resolved(url, { name: 'hubspot', auth, errors, hints, objects })).target('contacts', 'email');
}

function writerOf({ jobs }: Target, kind: ChangeKind): JobWriter {
  const writer = jobs?.[kind];
  assert.ok(writer);
  return writer;
}

async function create(target: Target, kind: ChangeKind, records: readonly OutgoingRecord[]) {
  const permit = await target.acquirePermit();
  return writerOf(target, kind).create({ id: 'b_1', kind, records, permit, checkBeforeDispatch: async () => undefined });
}

async function imported(target: Target, kind: ChangeKind, records: readonly OutgoingRecord[]) {
  const created = await create(target, kind, records);
  assert.ok(created.answer === 'created', JSON.stringify(created));
  const writer = writerOf(target, kind);
  const looks = [await writer.look(created.job, {}), await writer.look(created.job, {})];
  assert.deepEqual(looks, [{ state: 'running' }, { state: 'done' }]);
  return writer.readResults(created.job, records, {});
}

const people = (count: number, refused: number) =>
  Array.from({ length: count }, (_, n) =>
    outgoing(n < refused ? `p${n}@blocked.test` : `p${n}@x.test`, { firstname: `P "${n}",\nnée`, ...(n === 120 ? { lastname: 'L' } : {}) }),
  );

describe('a HubSpot import', () => {
  it('tells only what was refused: the rest was written, as its counts say, and is known by the ids that the search finds', async (context) => {
    const { sandbox, target } = await hubspot(context);
    assert.deepEqual([target.abilities.upsert?.jobs?.isWhenAsked, target.abilities.upsert?.jobs?.showsAfterMs], [true, 10_000]);
    const records = people(CONTACTS, REFUSED);
    const results = await imported(target, 'upsert', records);
    assert.equal(results.filter(({ outcome }) => outcome === 'rejected').length, REFUSED);
    const [refused] = results;
    assert.ok(refused?.outcome === 'rejected');
    assert.deepEqual([refused.rejection.apiCode, refused.rejection.message], ['INVALID_EMAIL', 'Email address p0@blocked.test is invalid']);
    const { body: held } = await sandbox.hubspot('/_sandbox/records?object=contacts');
    const ids = Object.fromEntries(held.map(({ id, properties }: { id: string; properties: { email: string } }) => [properties.email, id]));
    assert.deepEqual(
      results.flatMap((result, place) => (result.outcome === 'written' ? [[records[place]?.match, result.targetId]] : [])),
      Object.entries(ids),
    );
    assert.equal(held[15].properties.firstname, records[120]?.fields['firstname'], 'quotes, commas and line ends come through');

    const updates = Object.entries<string>(ids).map(([email, id]) => outgoing(email, { city: 'Bern' }, id));
    const gone = outgoing('gone@x.test', { city: 'Bern' }, '99');
    const updated = await imported(target, 'update', [...updates, gone]);
    assert.deepEqual(
      updated.map((result) => (result.outcome === 'written' ? result.targetId : result.outcome)),
      [...Object.values(ids), 'rejected'],
    );
    const { body: now } = await sandbox.hubspot('/_sandbox/records?object=contacts');
    assert.ok(now.every(({ properties }: { properties: { city: string } }) => properties.city === 'Bern'));
  });

  it('creates, where an address that exists is refused', async (context) => {
    const { target } = await hubspot(context);
    await imported(target, 'create', people(2, 0));
    const results = await imported(target, 'create', people(3, 0));
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['rejected', 'rejected', 'written'],
    );
  });

  it('clears nothing: records that are to lose a value are for requests, and nothing is made', async (context) => {
    const { sandbox, target } = await hubspot(context);
    const created = await create(target, 'upsert', [outgoing('a@x.test', { phone: '1' }), outgoing('b@x.test', { phone: null })]);
    assert.deepEqual(created, { answer: 'not-by-job', places: new Set([1]) });
    assert.equal((await sandbox.hubspot('/_sandbox/state')).body.writes, 0);
    const made = await create(target, 'create', [outgoing('b@x.test', { phone: null })]);
    assert.equal(made.answer, 'created', 'a new record has nothing to lose');
  });
});

describe('an import whose counts', () => {
  const records = [outgoing('ada@x.test', { firstname: 'Ada' }), outgoing('bob@x.test', { firstname: 'Bob' }), outgoing('cy@', { firstname: 'Cy' })];
  const cell = (email: string) => ({ errorType: 'INVALID_EMAIL', sourceData: { lineNumber: 3, rowData: [email, 'Cy'] } });
  /** @param found what the search shows */
  const results = async (context: TestContext, counters: unknown, errors: readonly unknown[], found: readonly unknown[]) => {
    const { url } = await serve(context, ({ url: path }, response) => {
      if (path.includes('/errors')) return json(response, { results: errors });
      if (path.includes('/search')) return json(response, { total: found.length, results: found });
      return json(response, { id: '7', state: 'DONE', metadata: { counters } });
    });
    return writerOf(targetAt(context, url), 'upsert').readResults('7', records, {});
  };
  const shown = (id: string, email: string, firstname: string) => ({ id, properties: { email, firstname } });

  it('say another number than was listed tells nothing: each record is looked up, and only what shows what was sent was written', async (context) => {
    const told = await results(
      context,
      { TOTAL_ROWS: 3, UNIQUE_OBJECTS_WRITTEN: 1 },
      [cell('cy@')],
      [shown('1', 'ada@x.test', 'Ada'), shown('2', 'bob@x.test', 'Robert')],
    );
    assert.deepEqual(
      told.map(({ outcome }) => outcome),
      ['written', 'unknown', 'rejected'],
    );
  });

  it('say that fewer rows were taken, or nothing at all, is believed no more', async (context) => {
    for (const counters of [{ TOTAL_ROWS: 2, UNIQUE_OBJECTS_WRITTEN: 2 }, {}])
      assert.deepEqual(
        (await results(context, counters, [cell('cy@')], [])).map(({ outcome }) => outcome),
        ['unknown', 'unknown', 'rejected'],
      );
  });

  it('say that nothing was written, may go into another', async (context) => {
    const told = await results(context, { TOTAL_ROWS: 3, UNIQUE_OBJECTS_WRITTEN: 0 }, [cell('cy@')], []);
    assert.deepEqual(
      told.map(({ outcome }) => outcome),
      ['again', 'again', 'rejected'],
    );
  });

  it('agree with a list that has an error of no known record, prove nothing', async (context) => {
    const told = await results(
      context,
      { TOTAL_ROWS: 3, UNIQUE_OBJECTS_WRITTEN: 3 },
      [{ errorType: 'FILE_NOT_READ', sourceData: {} }],
      [shown('1', 'ada@x.test', 'Ada')],
    );
    assert.deepEqual(
      told.map(({ outcome }) => outcome),
      ['unknown', 'unknown', 'unknown'],
    );
  });
});
