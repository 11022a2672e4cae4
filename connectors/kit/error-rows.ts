import type { Connector, ConnectorObject, ErrorRule } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import { isTruthy } from '../../engine/truthy.ts';
import type { OpenConnection } from '../ports.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectFailure, expectSame, expectThat, type KitRow, tryRow, Untried } from './kit-row.ts';
import { textHeaders } from './list-vendor.ts';
import type { VendorAnswer } from './mock-vendor.ts';
import { answerFulfilling, answerGiving, evaluated } from './place-value.ts';
import { outgoing, sendBatch } from './send-batch.ts';

const WORDS = 'the kit says why';
const STATUSES = [400, 429, 403, 404, 409, 422, 500, 503, 200];

/** What each rule's answer leads to. */
const CODES: Readonly<Record<ErrorRule['outcome'], readonly string[]>> = {
  'reject-request': ['REQUEST_REJECTED'],
  retry: ['WRITE_OUTCOME_UNKNOWN', 'SYSTEM_UNAVAILABLE'],
  unprocessed: ['SYSTEM_UNAVAILABLE'],
  'rate-limited': ['RATE_LIMITED'],
  'quota-spent': ['QUOTA_SPENT'],
  credentials: ['CREDENTIALS_REJECTED'],
  'cursor-expired': ['CURSOR_EXPIRED'],
  'not-found': ['REQUEST_REJECTED'],
  'too-large': ['REQUEST_REJECTED'],
  success: [],
};

/** How the kit asks for an answer to be judged: by a write where there is one, as only those are never repeated; else by a read. */
export interface Asked {
  readonly isWrite: boolean;
  readonly ask: (connection: OpenConnection) => Promise<string>;
}

/** Each error rule of the connector, and what HTTP says where it has none. */
export async function errorRows(bench: KitBench): Promise<readonly KitRow[]> {
  const { errors = [] } = bench.connector;
  const rows: KitRow[] = [];
  for (const [index, rule] of errors.entries()) {
    const name = `${rule.outcome}: ${rule.when}`;
    rows.push(await tryRow({ operation: 'errors', name }, () => tryRule(bench, rule, errors.slice(0, index))));
  }
  for (const [status, code] of [
    [401, 'CREDENTIALS_REJECTED'],
    [500, 'WRITE_OUTCOME_UNKNOWN'],
  ] as const) {
    rows.push(
      await tryRow({ operation: 'errors', name: `a ${status} without more words` }, async () => {
        const asked = askedOf(bench.connector);
        if (!asked.isWrite && status === 500) throw new Untried('the connector only reads: a read is repeated.');
        await onVendor(
          bench,
          () => ({ status, body: {} }),
          async (connection) => {
            await expectFailure(asked.ask(connection), [code]);
          },
        );
      }),
    );
  }
  return rows;
}

async function tryRule(bench: KitBench, rule: ErrorRule, earlier: readonly ErrorRule[]): Promise<void> {
  const scope = await scopeOf(rule);
  for (const { when } of earlier) {
    if (isTruthy(await evaluated(compileExpression(when), scope)))
      throw new Untried(`the answer that was derived is taken by the rule before it, "${when}": give an example.`);
  }
  const asked = rule.outcome === 'cursor-expired' ? readOf(bench.connector) : askedOf(bench.connector);
  const answer: VendorAnswer = { status: Number(scope['status']), headers: textHeaders(scope['headers']), body: scope['body'] ?? {} };
  await onVendor(
    bench,
    () => answer,
    async (connection) => {
      if (asked.isWrite && (rule.outcome === 'reject-request' || rule.outcome === 'not-found')) {
        const said = await asked.ask(connection);
        expectThat(said.startsWith('refused') || said.startsWith('results'), `the write was not refused, but: ${said}.`);
        if (rule.message !== undefined && hasWords(scope)) expectThat(said.includes(WORDS), "the vendor's words are lost.");
        return;
      }
      if (asked.isWrite && rule.outcome === 'too-large') {
        expectThat((await asked.ask(connection)).startsWith('too-large'), 'the batch is not halved.');
        return;
      }
      if (rule.outcome === 'success') {
        expectSame((await asked.ask(connection)).startsWith('refused'), false, 'whether the answer counts as a refusal');
        return;
      }
      if (!asked.isWrite && rule.outcome === 'retry') throw new Untried('the connector only reads: a read is repeated.');
      const failure = await expectFailure(asked.ask(connection), CODES[rule.outcome]);
      if (rule.outcome === 'credentials' && rule.message !== undefined && hasWords(scope))
        expectThat(failure.message.includes(WORDS), "the vendor's words are lost.");
    },
  );
}

/** An answer on which the rule holds, with words for its message where they can be put in. */
async function scopeOf({ when, message }: ErrorRule): Promise<JsonObject> {
  const starts = STATUSES.map((status) => ({ status, headers: {}, body: {} }));
  const scope = await answerFulfilling(when, starts);
  if (message === undefined) return scope;
  try {
    const worded = await answerGiving(message, WORDS, scope);
    const stillHolds = isJsonObject(worded) && isTruthy(await evaluated(compileExpression(when), worded));
    return stillHolds ? worded : scope;
  } catch (error) {
    if (error instanceof Untried) return scope;
    throw error;
  }
}

function hasWords(scope: Json): boolean {
  return JSON.stringify(scope).includes(WORDS);
}

/** @throws Untried where the connector has nothing that could be asked */
export function askedOf(connector: Connector): Asked {
  for (const [name, object] of Object.entries(connector.objects)) {
    const kind = CHANGE_KINDS.find((one) => object[one] !== undefined);
    if (kind !== undefined) return { isWrite: true, ask: (connection) => askWrite(connection, name, object, kind) };
  }
  return readOf(connector);
}

function readOf(connector: Connector): Asked {
  const [listed] = Object.entries(connector.objects).filter(([, object]) => object.list !== undefined);
  if (listed === undefined) throw new Untried('the connector has no object yet.');
  return {
    isWrite: false,
    ask: async (connection) => {
      const page = await connection.source(listed[0]).readPage({ window: { from: '2026-03-01T00:00:00.000Z' }, cursor: undefined });
      return `read ${page.records.length}`;
    },
  };
}

async function askWrite(connection: OpenConnection, name: string, object: ConnectorObject, kind: ChangeKind): Promise<string> {
  const answered = await sendBatch(connection, name, object, kind, outgoing(object, kind, 1));
  const told = answered.answer === 'refused' ? answered.rejection.message : answered.answer === 'results' ? JSON.stringify(answered.results) : '';
  return `${answered.answer}: ${told}`;
}
