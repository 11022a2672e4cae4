import { isDeepStrictEqual } from 'node:util';
import { SyncError } from '../../engine/errors.ts';
import { ExpressionError } from '../../engine/expression-error.ts';

/** What a row of the kit is about: the columns of docs/connectors.md, and what belongs to a connector as a whole. */
export const KIT_OPERATIONS = [
  'schema',
  'account',
  'read',
  'incremental',
  'deleted',
  'get',
  'search',
  'create',
  'update',
  'upsert',
  'delete',
  'bulk',
  'discover',
  'errors',
  'limits',
  'examples',
  'webhooks',
] as const;
export type KitOperation = (typeof KIT_OPERATIONS)[number];

/** One thing that the kit tried. */
export interface KitRow {
  /** Absent: the connector as a whole. */
  readonly object?: string;
  readonly operation: KitOperation;
  readonly name: string;
  /** `open`: it could not be tried, and the sentence says what is missing. */
  readonly verdict: 'passed' | 'failed' | 'open';
  readonly sentence?: string;
}

/** No answer could be derived from the manifest, or the connector lacks what would be tried: told, and no failure. */
export class Untried extends Error {}

/** The product did not do what the manifest says. */
export class Deviation extends Error {}

/** Tries one thing. A row passes where nothing is thrown. */
export async function tryRow(row: Pick<KitRow, 'object' | 'operation' | 'name'>, work: () => Promise<void>): Promise<KitRow> {
  try {
    await work();
    return { ...row, verdict: 'passed' };
  } catch (error) {
    if (error instanceof Untried) return { ...row, verdict: 'open', sentence: error.message };
    if (error instanceof Deviation || error instanceof SyncError || error instanceof ExpressionError)
      return { ...row, verdict: 'failed', sentence: error.message };
    throw error;
  }
}

/** @throws Deviation that says both */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Deviation(`${what}: expected ${shown(expected)}, but it was ${shown(actual)}.`);
}

/** @throws Deviation with the sentence */
export function expectThat(holds: boolean, sentence: string): void {
  if (!holds) throw new Deviation(sentence);
}

/** Waits for a failure of one of these codes. @throws Deviation where there is none, or another */
export async function expectFailure(work: Promise<unknown>, codes: readonly string[]): Promise<SyncError> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof SyncError && codes.includes(failure.code)) return failure;
  const wanted = `expected ${codes.join(' or ')}`;
  if (failure instanceof SyncError) throw new Deviation(`${wanted}, but it was ${failure.code}: ${failure.message}`);
  if (failure !== undefined) throw failure;
  throw new Deviation(`${wanted}, but it passed.`);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
