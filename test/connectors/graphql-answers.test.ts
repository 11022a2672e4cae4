import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import { json, serve } from '../http/local-server.ts';
import { connect, outgoing, resolved, send } from './connect.ts';

const CREATE = {
  graphql: 'mutation ($input: ContactInput!) { contactCreate(input: $input) { contact { id } userErrors { message } } }',
  variables: { input: '{fields}' },
  max: 10,
  results: { id: 'contact.id' },
};
const DENIED = { when: "'ACCESS_DENIED' in body.errors.extensions.code", outcome: 'credentials' };

/** What becomes of three creates that are answered so: their outcomes, how the whole is refused, or the code of the error. */
async function told(context: TestContext, body: Json, status = 200): Promise<string> {
  const server = await serve(context, (_request, response) => json(response, body, status));
  const connection = connect(context, resolved(server.url, { errors: [DENIED], objects: { contacts: { create: CREATE } } }));
  try {
    const answer = await send(
      connection.target('contacts', 'email'),
      'create',
      ['a', 'b', 'c'].map((name) => outgoing(`${name}@x.test`)),
    );
    return answer.answer === 'results' ? answer.results.map(({ outcome }) => outcome).join(' ') : answer.answer;
  } catch (error) {
    if (error instanceof SyncError) return error.code;
    throw error;
  }
}

const good = (id: number) => ({ contact: { id: String(id) }, userErrors: [] });
const error = (code: string | undefined, ...path: readonly (string | number)[]) => ({
  message: 'no',
  ...(path.length === 0 ? {} : { path: [...path] }),
  ...(code === undefined ? {} : { extensions: { code } }),
});

describe('the answer to three creates', () => {
  const cases: readonly (readonly [name: string, body: Json, expected: string, status?: number])[] = [
    ['with a payload for each', { data: { m0: good(1), m1: good(2), m2: good(3) } }, 'written written written'],
    ['in another order, and with more', { data: { m2: good(3), m9: good(9), m1: good(2), m0: good(1) } }, 'written written written'],
    ['that leaves one out', { data: { m0: good(1), m2: good(3) } }, 'written unknown written'],
    ['with a refusal', { data: { m0: good(1), m1: null, m2: good(3) }, errors: [error('BAD_USER_INPUT', 'm1')] }, 'written rejected written'],
    ['with a refusal and no code', { data: { m0: good(1), m1: null, m2: good(3) }, errors: [error(undefined, 'm1')] }, 'written rejected written'],
    ['with one that was too much', { data: { m0: good(1), m1: null, m2: good(3) }, errors: [error('THROTTLED', 'm1')] }, 'written again written'],
    [
      'with one at which the server failed',
      { data: { m0: good(1), m1: null, m2: good(3) }, errors: [error('INTERNAL_SERVER_ERROR', 'm1')] },
      'written unknown written',
    ],
    [
      'with one that cannot be read back',
      { data: { m0: good(1), m1: null, m2: good(3) }, errors: [error(undefined, 'm1', 'contact')] },
      'written unknown written',
    ],
    [
      'with one that is read back in part',
      { data: { m0: good(1), m1: good(2), m2: good(3) }, errors: [error(undefined, 'm1', 'contact', 'name')] },
      'written written written',
    ],
    ['that ends at a null which may not be: the ones before may be there', { data: null, errors: [error('BAD_USER_INPUT', 'm2')] }, 'unknown unknown rejected'],
    ['that ends so at one which was too much', { data: null, errors: [error('THROTTLED', 'm2')] }, 'unknown unknown again'],
    [
      'that ends so at one which is denied: no word of the connector makes the others unsent',
      { data: null, errors: [error('ACCESS_DENIED', 'm2')] },
      'unknown unknown rejected',
    ],
    ['in which one of them is denied', { data: { m0: good(1), m1: null, m2: good(3) }, errors: [error('ACCESS_DENIED', 'm1')] }, 'written rejected written'],
    [
      'in which each is denied',
      { data: { m0: null, m1: null, m2: null }, errors: ['m0', 'm1', 'm2'].map((alias) => error('ACCESS_DENIED', alias)) },
      'CREDENTIALS_REJECTED',
    ],
    [
      'in which each is denied but one, at which the server failed',
      { data: { m0: null, m1: null, m2: null }, errors: [error('ACCESS_DENIED', 'm0'), error('ACCESS_DENIED', 'm1'), error('INTERNAL_SERVER_ERROR', 'm2')] },
      'rejected rejected unknown',
    ],
    ['that has no aliases, and denies one', { data: {}, errors: [error('ACCESS_DENIED', 'm1')] }, 'unknown rejected unknown'],
    [
      'in which each was too much',
      { data: { m0: null, m1: null, m2: null }, errors: ['m0', 'm1', 'm2'].map((alias) => error('THROTTLED', alias)) },
      'RATE_LIMITED',
    ],
    ['in which each is null and nothing says why', { data: { m0: null, m1: null, m2: null } }, 'unknown unknown unknown'],
    ['that was refused before anything ran', { errors: [error('GRAPHQL_VALIDATION_FAILED')] }, 'refused'],
    ['that was refused so with status 400', { errors: [error(undefined)] }, 'refused', 400],
    ['that was too much as a whole', { errors: [error('THROTTLED')] }, 'RATE_LIMITED'],
    ['that cost too much as a whole', { errors: [error('MAX_COST_EXCEEDED')] }, 'too-large'],
    ['that failed as a whole', { errors: [error('INTERNAL_SERVER_ERROR')] }, 'WRITE_OUTCOME_UNKNOWN'],
    ['by a server that failed', { errors: [error('BAD_USER_INPUT', 'm0')] }, 'WRITE_OUTCOME_UNKNOWN', 502],
    ['of someone who is not known', { errors: [error('UNAUTHENTICATED')] }, 'CREDENTIALS_REJECTED'],
    ['that is no GraphQL', { ok: true }, 'unknown unknown unknown'],
    ['that is a list', [good(1)], 'unknown unknown unknown'],
    ['whose errors are no list', { data: { m0: good(1), m1: good(2), m2: good(3) }, errors: 'none' }, 'written written written'],
    ['whose errors are no objects', { data: { m0: good(1), m1: null, m2: good(3) }, errors: [null, 7, 'm1'] }, 'written unknown written'],
    ['by truth values', { data: { m0: true, m1: false, m2: true } }, 'written rejected written'],
  ];
  for (const [name, body, expected, status] of cases) {
    it(name, async (context) => assert.equal(await told(context, body, status), expected));
  }
});
