/** A body as text, as far as it is kept. */
export interface SampledBody {
  readonly text: string;
  /** It went on. */
  readonly isCut: boolean;
}

/** What was asked of an API and what it said, for people who look for a mistake: without secrets, and without the values of sensitive fields. */
export interface RequestSample {
  readonly connection: string;
  readonly method: string;
  /** With its query, without credentials; may hold the id of a record. */
  readonly path: string;
  readonly sentAt: number;
  readonly durationMs: number;
  /** Absent: no answer. */
  readonly status?: number | undefined;
  /** Why there is none, or none that could be read. */
  readonly failure?: string | undefined;
  /** By which the API's support finds it. */
  readonly requestId?: string | undefined;
  /** Refused, without an answer, or answered with the rejection of a record; the others are there by chance. */
  readonly isError: boolean;
  /** Absent: there was none, or the ledger keeps no values. */
  readonly sent?: SampledBody | undefined;
  readonly received?: SampledBody | undefined;
}

export interface KeptSample extends RequestSample {
  readonly id: string;
  readonly scope: string;
  readonly runId: string;
}

export interface SampleQuery {
  /** Of one sync. */
  readonly scope: string;
  readonly runId?: string | undefined;
  /** Only those known to be about this source record. */
  readonly key?: string | undefined;
  /** Sent at that time or later. */
  readonly from?: number | undefined;
  /** Sent before. */
  readonly until?: number | undefined;
  readonly errorsOnly?: boolean | undefined;
  readonly limit: number;
}

/** Requests and answers, some of them, for a few days. Always encrypted. */
export interface SampleStore {
  /** @param input.samples with the source records each is about, as far as they are known. Those of an id that is kept already are left out */
  keepSamples(input: {
    readonly scope: string;
    readonly runId: string;
    readonly samples: readonly { readonly id: string; readonly sample: RequestSample; readonly keys: readonly string[] }[];
  }): Promise<void>;
  /** Newest first. */
  readSamples(query: SampleQuery): Promise<readonly KeptSample[]>;
  /** Forgets what was sent before that time. @returns how many */
  pruneSamples(before: number): Promise<number>;
}
