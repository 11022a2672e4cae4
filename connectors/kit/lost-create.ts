import type { ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import { lookedUp } from '../../engine/looked-up.ts';
import type { OpenConnection, OutgoingRecord } from '../ports.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectFailure, expectSame, expectThat } from './kit-row.ts';
import type { AnswerRequest } from './mock-vendor.ts';
import { wordsOf } from './read-rows.ts';
import { sampleRecords } from './sample-records.ts';
import { decoded, matchOnOf, searchVendor } from './search-rows.ts';
import { outgoing, sendBatch } from './send-batch.ts';
import { writeAnswer } from './write-vendor.ts';

/** Of two records the vendor has made the first when its answer is lost, and not the second. */
const RECORDS = 2;

/**
 * What protects a create without an idempotency key: where its answer is lost it is not sent again, but its records are looked up by their match key once they can be found; what is
 * there is known by its id, and only what is not is created. Without a search nothing is sent, and a person decides.
 */
export async function createsOnce(bench: KitBench, objectName: string, object: ConnectorObject, endpoint: WriteEndpoint): Promise<void> {
  const records = outgoing(object, 'create', RECORDS);
  const vendor = forgetfulVendor(object, endpoint, records);
  await onVendor(bench, vendor.answer, async (connection) => {
    const target = connection.target(objectName, matchOnOf(object));
    const ability = target.abilities.create;
    expectThat(ability?.isRepeatable === false && ability.idempotencyTtlMs === undefined, 'a create whose answer is lost would be sent again as it is.');
    const batches = Math.ceil(RECORDS / endpoint.max);
    for (let from = 0; from < RECORDS; from += endpoint.max) {
      await expectFailure(create(connection, records.slice(from, from + endpoint.max)), ['WRITE_OUTCOME_UNKNOWN']);
    }
    expectSame(vendor.asked(), batches, 'requests of creates whose answers are lost');
    expectThat(target.canSearch === (object.search !== undefined), 'whether lost creates are looked up is not what the connector says.');
    if (!target.canSearch) return;

    vendor.nowIs('searched');
    const found = await target.search(records.map(({ match }) => match));
    const decided = records.map(({ match, fields }) =>
      lookedUp({ kind: 'create', fields }, found.get(match) ?? [], { when: 'after-lost-answer', mode: 'upsert' }),
    );
    expectSame(decided[0], { outcome: 'written', created: true, targetId: '101' }, 'what becomes of a record that was made');
    expectSame(decided[1], { outcome: 'again', kind: 'create' }, 'what becomes of a record that was not');

    vendor.nowIs('answering');
    await create(connection, records.slice(1));
    expectSame(
      vendor.made,
      records.map(({ match }) => match),
      'the records that the vendor has made',
    );
  });

  function create(connection: OpenConnection, some: readonly OutgoingRecord[]) {
    return sendBatch(connection, objectName, object, 'create', some, `b_kit_${some[0]?.match ?? ''}`);
  }
}

/** A vendor that keeps what it makes; at first it makes no more than the first record, and its answers are lost. */
function forgetfulVendor(object: ConnectorObject, endpoint: WriteEndpoint, records: readonly OutgoingRecord[]) {
  const made: string[] = [];
  let state: 'losing' | 'searched' | 'answering' = 'losing';
  let asked = 0;
  const answer: AnswerRequest = async (request) => {
    if (state === 'searched') {
      const held = await sampleRecords(object, records.length, (index) => records[index]?.fields ?? {});
      return searchVendor(
        object,
        held.filter((_, index) => made.includes(records[index]?.match ?? '')),
      )(request);
    }
    asked += 1;
    const words = decoded(wordsOf(request)).toLowerCase();
    const named = records.filter(({ match }) => words.includes(match));
    const done = state === 'losing' ? named.slice(0, named[0] === records[0] ? 1 : 0) : named;
    made.push(...done.map(({ match }) => match));
    if (state === 'losing') return { isLost: true };
    return writeAnswer(
      { object, endpoint, kind: 'create', records: named },
      named.map(() => 'good'),
    );
  };
  return {
    answer,
    made,
    asked: () => asked,
    nowIs: (now: typeof state) => {
      state = now;
    },
  };
}
