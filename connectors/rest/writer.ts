import type { WriteEndpoint } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { compileMutationRequest } from '../graphql/mutation-request.ts';
import type { BatchAnswer, Target } from '../ports.ts';
import { observe } from './observe.ts';
import { answerOfRefusal } from './refused-write.ts';
import type { RenderedRequest } from './request-template.ts';
import type { RestTargetOptions } from './rest-target.ts';
import { compileWriteRequest } from './write-request.ts';
import { compileResults } from './write-results.ts';

export type Writer = Target['send'];

/** Compiles one kind of write: request, answer, and what the answer means for each record. */
export function compileWriter(options: RestTargetOptions, kind: ChangeKind, endpoint: WriteEndpoint): Writer {
  const { client, connection, matchOn } = options;
  const where = `${connection.name}.${options.objectName}.${kind}`;
  const { graphql } = endpoint;
  const request =
    graphql === undefined ? compileWriteRequest(endpoint, kind, matchOn, where) : compileMutationRequest({ ...endpoint, graphql }, matchOn, where);
  const { method, insertsEtag } = request;
  const answers = { errors: connection.errors, insertsEtag, learn: (...told: Parameters<typeof client.learn>) => client.learn(...told) };
  const readResults = compileResults({ ...options, ...answers, kind, method, warn: (message) => options.warn(`${where}: ${message}`) }, endpoint);

  return async (batch) => {
    let rendered: RenderedRequest;
    try {
      rendered = await request.render(batch);
    } catch (error) {
      batch.permit.release();
      return notWritable(error);
    }
    const { answer, classification } = await client.send({
      ...rendered,
      repeat: 'once',
      permit: batch.permit,
      checkBeforeDispatch: batch.checkBeforeDispatch,
      observer: observe(connection.name, options.observer, batch.observer),
    });
    if (classification.class === 'success') return { answer: 'results', results: await readResults(batch.records, answer, rendered.path) };
    if (answer.status === 412 && insertsEtag && batch.records.length === 1) return { answer: 'results', results: [{ outcome: 'moved' }] };
    return answerOfRefusal(kind, batch.records, answer, classification);
  };
}

/** A record that lacks what the request needs: nothing was sent, and the others of its batch must not suffer for it. */
export function notWritable(error: unknown): Extract<BatchAnswer, { readonly answer: 'refused' }> {
  const isOfRecord = error instanceof ExpressionError || (error instanceof SyncError && error.code === 'DEFINITION_INVALID');
  if (!isOfRecord) throw error;
  return { answer: 'refused', rejection: { reason: 'request-not-writable', message: error.message, retry: 'never' } };
}
