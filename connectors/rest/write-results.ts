import type { ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { HttpAnswer, HttpRequest } from '../../http/http-client.ts';
import { compileAliasResults } from '../graphql/alias-results.ts';
import type { OutgoingRecord, WriteResult } from '../ports.ts';
import { AnswerNotes } from './answer-notes.ts';
import { compileFailures, compileMatchResults } from './match-results.ts';
import { placesBy } from './record-places.ts';
import { compileSingleResult } from './single-result.ts';
import { compileSubAnswer, type SubAnswerRule } from './sub-answers.ts';

export interface WriteResultsOptions extends Pick<SubAnswerRule, 'errors' | 'insertsEtag' | 'learn'> {
  readonly object: ConnectorObject;
  readonly kind: ChangeKind;
  readonly matchOn: string;
  readonly method: HttpRequest['method'];
  readonly warn: (message: string) => void;
}

/** What a 2xx answer says of each record. */
type ReadResults = (records: readonly OutgoingRecord[], answer: HttpAnswer, path: string) => Promise<readonly WriteResult[]>;

export function compileResults(options: WriteResultsOptions, endpoint: WriteEndpoint): ReadResults {
  const { results, failures, graphql, each } = endpoint;
  if (graphql !== undefined) {
    const readAliases = compileAliasResults(options, endpoint);
    return (records, { body }) => readAliases(records, body);
  }
  if (results === undefined) return withoutResults(options, failures);
  const { object, kind, matchOn, warn } = options;
  const read = each === undefined ? undefined : compileSubAnswer({ ...options, each, results });
  const matchResults = compileMatchResults({ results, failures, kind, matchOn, values: object.values, read });
  return async (records, { body }) => {
    const matched = await matchResults(records, body);
    const unknown = matched.results.filter((result) => result.outcome === 'unknown').length;
    for (const warning of matched.warnings) warn(`${warning}${unknown === 0 ? '' : ' Records it does not tell about count as unknown.'}`);
    return matched.results;
  };
}

/** What became of it stands in the body (RFC 4918 section 13). */
const MULTI_STATUS = 207;

/** Of one record a 2xx says enough, but for 207, unless it lists a failure; of several it says nothing. */
function withoutResults({ object, kind, method, warn }: WriteResultsOptions, failures: WriteEndpoint['failures']): ReadResults {
  const readSingle = compileSingleResult({ object, kind, method });
  const noteFailures = failures === undefined ? undefined : compileFailures(failures, kind);
  return async (records, answer, path) => {
    if (records.length !== 1) {
      warn('a batch was sent, and the connector does not say where its answer tells the results ("results").');
      return records.map(() => ({ outcome: 'unknown' }));
    }
    if (answer.status === MULTI_STATUS && failures === undefined) {
      warn('an answer was 207, which says neither yes nor no, and the connector does not say where it tells more ("results" or "failures").');
      return [{ outcome: 'unknown' }];
    }
    const notes = new AnswerNotes(1);
    await noteFailures?.(notes, answer.body, placesBy(records, 'index'));
    return [notes.hasTold(0) ? (notes.outcomes[0] ?? { outcome: 'unknown' }) : await readSingle(answer, path)];
  };
}
