import type { TestContext } from 'node:test';
import { SyncError } from '../../engine/errors.ts';
import type { Stage, Told } from './stage.ts';

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

export async function failureOf(work: Promise<unknown>): Promise<SyncError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SyncError) return error;
  throw new Error('it did not fail with an error of ours', { cause: error });
}

/** Of the list of people. */
export const isRead = ({ url }: { readonly url?: string | undefined }) => url?.startsWith('/people') === true;
