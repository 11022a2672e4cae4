import type { ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { compileTemplate } from '../../engine/template.ts';
import { idempotencyKeyOf } from '../rest/write-request.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectThat, Untried } from './kit-row.ts';
import { outgoing, sendBatch } from './send-batch.ts';
import { writeAnswer } from './write-vendor.ts';

/** Whether it sends whatever fields a mapping gives; what links two records sends their ids alone, and has no field to clear. */
export function takesAnyField({ record, body, variables }: WriteEndpoint): boolean {
  const templates = [record, body, variables].filter((template) => template !== undefined).map((template) => compileTemplate(template));
  return templates.some(({ expressions }) => expressions.some(({ paths }) => paths.includes('fields')));
}

/** A null is sent as what the connector says that the API clears a field by. */
export async function clears(bench: KitBench, objectName: string, object: ConnectorObject, kind: ChangeKind, endpoint: WriteEndpoint): Promise<void> {
  const [record] = outgoing(object, kind, 1);
  if (record === undefined) return;
  const cleared = { ...record, fields: { ...record.fields, kit_cleared: null } };
  const answer = await writeAnswer({ object, endpoint, kind, records: [cleared] }, ['good']);
  const requests = await onVendor(
    bench,
    () => answer,
    async (connection) => {
      await sendBatch(connection, objectName, object, kind, [cleared]);
    },
  );
  if (endpoint.format !== undefined && endpoint.format !== 'form' && endpoint.format !== 'json')
    throw new Untried(`how ${endpoint.format} clears a field is not tried.`);
  const written = JSON.stringify(endpoint.nullAs ?? null);
  const isForm = (endpoint.each ?? endpoint).format === 'form';
  const [{ text: sent } = { text: '' }] = requests;
  const text = endpoint.each !== undefined && endpoint.format === 'form' ? decodeURIComponent(sent) : sent;
  const holds = isForm ? /kit_cleared(%5D|\])?=(&|"|$)/.test(text) : text.includes(`"kit_cleared":${written}`);
  expectThat(holds, `a field that is cleared is not sent as ${isForm ? 'an empty text' : written}.`);
}

/** One batch, one key; another batch, another key. */
export async function keepsKey(bench: KitBench, objectName: string, object: ConnectorObject, kind: ChangeKind, endpoint: WriteEndpoint): Promise<void> {
  const key = idempotencyKeyOf(endpoint);
  if (key === undefined) throw new Untried('the connector does not say whether the API takes an idempotency key: name its header, or say `idempotency: none`.');
  const records = outgoing(object, kind, 1);
  const answer = await writeAnswer({ object, endpoint, kind, records }, ['good']);
  const requests = await onVendor(
    bench,
    () => answer,
    async (connection) => {
      for (const id of ['b_kit_1', 'b_kit_1', 'b_kit_2']) await sendBatch(connection, objectName, object, kind, records, id);
    },
  );
  const [first, again, other] = requests.map(({ headers }) => headers[key.header.toLowerCase()]);
  expectThat(first !== undefined && first !== '', `the header ${key.header} is not sent.`);
  expectThat(first === again, 'the same batch is sent with another key the second time.');
  expectThat(first !== other, 'two batches are sent with one key.');
}
