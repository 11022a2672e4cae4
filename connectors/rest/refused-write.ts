import type { Rejection } from '../../engine/errors.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { apiCodeOf } from '../../http/answer-message.ts';
import type { Classification, HttpAnswer } from '../../http/http-client.ts';
import type { BatchAnswer, OutgoingRecord, WriteResult } from '../ports.ts';
import { apiRejection, outcomeOfMissing } from './read-result.ts';

type Refusal = Pick<HttpAnswer, 'status' | 'body'>;

/** These may pass another day, the record being as it is (RFC 9110 sections 15.5.10 and 15.5.13, RFC 4918 section 11.3). */
const PASSING = new Set([409, 412, 423]);

/** What a refusal of the whole request means for its records. */
export function answerOfRefusal(kind: ChangeKind, records: readonly OutgoingRecord[], answer: Refusal, classification: Classification): BatchAnswer {
  if (classification.class === 'too-large') return { answer: 'too-large' };
  if (isMissing(kind, classification) && records.length === 1) return { answer: 'results', results: [resultOfRefusal(kind, answer, classification)] };
  return { answer: 'refused', rejection: rejectionOf(answer, classification) };
}

/** What a refusal means for the one record that the request was about. */
export function resultOfRefusal(kind: ChangeKind, answer: Refusal, classification: Classification): WriteResult {
  const rejection = rejectionOf(answer, classification);
  return isMissing(kind, classification) ? outcomeOfMissing(kind, rejection) : { outcome: 'rejected', rejection };
}

function isMissing(kind: ChangeKind, classification: Classification): boolean {
  return classification.class === 'not-found' && (kind === 'delete' || kind === 'update');
}

function rejectionOf({ status, body }: Refusal, classification: Classification): Rejection {
  const message = 'message' in classification ? classification.message : `status ${status}`;
  const code = ('apiCode' in classification ? classification.apiCode : undefined) ?? apiCodeOf(body);
  const rejection = apiRejection(message, code);
  return PASSING.has(status) ? { ...rejection, retry: 'later' } : rejection;
}
