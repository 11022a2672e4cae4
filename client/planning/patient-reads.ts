import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenConnection, RequestObserver, Source, Target } from '../../connectors/ports.ts';
import { type ErrorCode, SyncError } from '../../engine/errors.ts';
import { activityRetryDelay } from '../../engine/retry-timing.ts';

const TRIES = 4;
/** Who is asked to wait longer is told so. */
const LONGEST_WAIT_MS = 60_000;
const MAY_PASS: ReadonlySet<ErrorCode> = new Set(['SYSTEM_UNAVAILABLE', 'RATE_LIMITED', 'QUOTA_SPENT']);

export interface Patience {
  readonly signal: AbortSignal;
  /** Told before each further try. */
  onTrouble(trouble: SyncError): void;
}

/** What a plan needs of a connection: it reads only. */
export interface PatientReads {
  source(object: string, observer?: RequestObserver): Source;
  target(object: string, matchOn: string, wanted: readonly string[]): PlannedTarget;
}

export type PlannedTarget = Pick<Target, 'abilities' | 'canSearch' | 'search' | 'foresee'>;

/** A connection whose reads are tried again for a while where what failed may pass: a plan may read for minutes, and no step of a workflow begins it again. */
export function patientReads(opened: OpenConnection, patience: Patience): PatientReads {
  return {
    source: (object, observer) => patientSource(opened.source(object, observer), patience),
    target: (object, matchOn, wanted) => patientTarget(opened.target(object, matchOn, undefined, wanted), patience),
  };
}

function patientSource(source: Source, patience: Patience): Source {
  const { readDeleted, readOne } = source;
  return {
    readPage: (request) => patiently(() => source.readPage(request), patience),
    ...(readDeleted === undefined ? {} : { readDeleted: (request) => patiently(() => readDeleted(request), patience) }),
    ...(readOne === undefined ? {} : { readOne: (key, signal) => patiently(() => readOne(key, signal), patience) }),
  };
}

function patientTarget(target: Target, patience: Patience): PlannedTarget {
  const { abilities, canSearch, foresee } = target;
  return {
    abilities,
    canSearch,
    search: (values, signal) => patiently(() => target.search(values, signal), patience),
    ...(foresee === undefined ? {} : { foresee: (kind, records) => patiently(() => foresee(kind, records), patience) }),
  };
}

async function patiently<Answer>(read: () => Promise<Answer>, { signal, onTrouble }: Patience): Promise<Answer> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof SyncError) || !MAY_PASS.has(error.code) || failures === TRIES || signal.aborted) throw error;
      const pauseMs = typeof error.retry === 'object' ? error.retry.afterMs : activityRetryDelay(failures, Math.random);
      if (error.retry === 'never' || pauseMs > LONGEST_WAIT_MS) throw error;
      onTrouble(error);
      await sleep(pauseMs, undefined, { signal });
    }
  }
}
