import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stack traces of failures travel as payloads, which the codec encrypts. Named by its path: Temporal loads it, in workers and in workflows. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
