import { randomBytes } from 'node:crypto';
import { compileWebhooks } from '../../definition/read-events.ts';
import type { ResolvedWebhooks } from '../../definition/resolve-webhooks.ts';
import { checkWithAny, makeSignatureCheck } from '../signatures/make-signature-check.ts';
import type { Proof, SignedRequest } from '../signatures/signature-check.ts';
import { RateCap } from './rate-cap.ts';

/** A sync that is told of what happens to an object. */
export interface ToldSync {
  readonly sync: string;
  readonly object: string;
  /** It takes the record from the payload where that has one. */
  readonly takesRecord: boolean;
}

/** What deliveries to one connection are judged and read by. */
export interface Hook {
  readonly connection: string;
  /** Whether who knows a secret sent it. */
  judge(request: SignedRequest): Promise<Proof | undefined>;
  readonly read: ReturnType<typeof compileWebhooks>;
  readonly rememberMs: number;
  readonly rate: RateCap;
  readonly syncs: readonly ToldSync[];
}

/** @param webhooks with their secrets put in */
export function makeHook(webhooks: ResolvedWebhooks, syncs: readonly ToldSync[]): Hook {
  const { connection, signature, secrets, maxAgeMs, rememberMs, rate } = webhooks;
  const check = makeSignatureCheck(signature, maxAgeMs);
  return {
    connection,
    judge: (request) => checkWithAny(check, request, secrets),
    read: compileWebhooks(webhooks),
    rememberMs,
    rate: new RateCap(rate),
    syncs,
  };
}

/** Stands for all connections that there are not: it takes as long as another to believe nothing. */
export function makeDecoy(): Pick<Hook, 'judge'> {
  const check = makeSignatureCheck({ type: 'github' }, 0);
  const secret = randomBytes(32).toString('hex');
  return { judge: (request) => checkWithAny(check, request, [secret]) };
}
