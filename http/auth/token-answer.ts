import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { isTruthy } from '../../engine/truthy.ts';
import type { ReadAnswer } from '../read-answer.ts';
import { invalid } from './ask-once.ts';
import type { TokenAnswerPlaces } from './auth-options.ts';
import { lifetimeAt, sayingOf, tokenAt } from './token-places.ts';

const lifetime = z.coerce.number().positive().nullish().catch(undefined);
const answerSchema = z.object({
  access_token: z.string().min(1).optional().catch(undefined),
  expires_in: z.coerce.number().nonnegative().nullish().catch(undefined),
  refresh_token: z.string().min(1).nullish().catch(undefined),
  scope: z.string().nullish().catch(undefined),
  // No standard has it: each of these is what some tell how long the refresh token lives, in seconds.
  refresh_token_expires_in: lifetime,
  refresh_expires_in: lifetime,
  x_refresh_token_expires_in: lifetime,
});

export interface TokenAnswer {
  readonly accessToken: string;
  readonly lifetimeMs?: number;
  readonly refreshToken?: string;
  /** What was granted, where the answer says. */
  readonly scope?: string;
  /** Where the account's API is, where that is told with the token. */
  readonly baseUrl?: string;
  /** How long the refresh token lives, where the API tells. */
  readonly refreshLifetimeMs?: number;
}

/**
 * Reads the answer of a token endpoint (RFC 6749 section 5.1).
 * @param asked for messages: `The token endpoint of crm`, and its address
 * @param places where what stands, where the API has ways of its own
 * @throws SyncError CONTRACT_BROKEN
 */
export async function readTokenAnswer(
  { who, address }: { readonly who: string; readonly address: string },
  places: TokenAnswerPlaces = {},
  answer: ReadAnswer,
  now: number,
): Promise<TokenAnswer> {
  const standard = answerSchema.safeParse(answer.body).data;
  const said = sayingOf(answer);
  const accessToken = places.from === undefined ? standard?.access_token : await tokenAt(places.from, said);
  if (accessToken === undefined) {
    const what = places.from === undefined ? `an access_token. Check tokenUrl (${address}).` : `a token at ${places.from}. Check "token.from".`;
    throw broken(`${who} answered without ${what}`);
  }
  const refreshToken = await refreshTokenOf(places, answer);
  const expiresIn = standard?.expires_in;
  const isTold = places.expiresIn === undefined && places.expiresAt === undefined && expiresIn != null;
  const lifetimeMs = isTold ? expiresIn * 1_000 : await lifetimeAt(places, said, now, (what) => broken(`${who} gave an answer that ${what}.`));
  const refreshLifetime = standard?.refresh_token_expires_in ?? standard?.refresh_expires_in ?? standard?.x_refresh_token_expires_in;
  return {
    accessToken,
    ...(lifetimeMs === undefined ? {} : { lifetimeMs }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(standard?.scope == null ? {} : { scope: standard.scope }),
    ...(refreshLifetime == null ? {} : { refreshLifetimeMs: refreshLifetime * 1_000 }),
  };
}

/** The new refresh token of an answer, where it holds one, whatever else it lacks. */
export async function refreshTokenOf(places: TokenAnswerPlaces = {}, answer: ReadAnswer): Promise<string | undefined> {
  if (places.refreshToken !== undefined) return tokenAt(places.refreshToken, sayingOf(answer));
  return answerSchema.safeParse(answer.body).data?.refresh_token ?? undefined;
}

/** Whether an answer says, in the API's own words, that a person has to give leave anew. @throws SyncError DEFINITION_INVALID */
export async function isGrantDead(name: string, { refused }: TokenAnswerPlaces = {}, answer: ReadAnswer): Promise<boolean> {
  if (refused === undefined) return false;
  try {
    return isTruthy(await compileExpression(refused).evaluate(sayingOf(answer)));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw invalid(`auth.token.refused of connection ${name} cannot be evaluated: ${error.message}.`, error);
  }
}

function broken(message: string): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
}
