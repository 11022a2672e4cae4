import { SyncError } from '../engine/errors.ts';
import { openAuthenticator } from './auth/open-authenticator.ts';
import { checkBaseUrl } from './base-url.ts';
import { clientsInTurn, type MeasuredClient } from './clients-in-turn.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { EndpointLimits } from './endpoint-limits.ts';
import { peerOf } from './exchange.ts';
import { transportFailure } from './failures.ts';
import type { Party } from './fair-queue.ts';
import { Homes } from './homes.ts';
import type { HttpClient, HttpClientOptions, HttpObserver } from './http-client.ts';
import { LimitLessons } from './limit-lessons.ts';
import { LanePermit } from './permit.ts';
import { repeatRead } from './repeat-read.ts';
import { type SendParts, sendOnce } from './send-once.ts';
import { WarningNotes } from './warnings.ts';

/** Opens the one client of an account. @throws SyncError DEFINITION_INVALID where an address is none, or not encrypted */
export function openHttpClient(options: HttpClientOptions, clock: Clock = SYSTEM_CLOCK): HttpClient {
  const { auth, account } = options;
  if (auth.type !== 'in-turn') return openOne(options, clock);
  return clientsInTurn(auth.of.map((one, index) => openOne({ ...options, auth: one, account: index === 0 ? account : `${account}#${index + 1}` }, clock)));
}

/** Of one credential. */
function openOne(options: HttpClientOptions, clock: Clock): MeasuredClient {
  const baseUrl = checkBaseUrl(options);
  const authenticator = openAuthenticator(options, baseUrl, clock);
  const homes = new Homes(options, baseUrl);
  const lessons = new LimitLessons(options, clock.now);
  const endpoints = new EndpointLimits(options);
  const warnings = new WarningNotes(options.onWarning);
  const closeSight = options.sight?.onOpened({ account: options.account, connection: options.name, windows: () => lessons.limiter.windows });

  const acquireFor = (party: Party | undefined) => async (signal: AbortSignal | undefined, observer: HttpObserver | undefined) => {
    // A token is fetched before there is a place to block.
    await authenticator.prepare();
    const place = await lessons.limiter.acquire(signal, (ms, reason) => observer?.onWait?.({ ms, reason }), party);
    return new LanePermit(place, homes.lanesOf(authenticator.baseUrl?.()));
  };
  const onAnswer: SendParts['onAnswer'] = (answer, classification, cost) => {
    lessons.learn(answer, classification, cost);
    warnings.look(answer);
  };
  const close = async () => {
    closeSight?.();
    const closed = new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: `The connection to ${options.name} was closed.` });
    await Promise.all([lessons.limiter.close(closed), endpoints.close(closed)]);
    await homes.close();
  };
  const openFor = (party: Party | undefined): MeasuredClient => {
    const parts: SendParts = {
      options,
      authenticator,
      clock,
      acquire: acquireFor(party),
      lanesElsewhere: (origin) => homes.lanesElsewhere(origin),
      enter: (request) => endpoints.enter(request, party),
      onAnswer,
    };
    return {
      ...senderOf(parts),
      learn: (answer, classification) => lessons.learn(answer, classification, undefined),
      setPace: (pace) => lessons.limiter.setPace(pace, party),
      delay: () => lessons.limiter.delay,
      forParty: openFor,
      close,
    };
  };
  return openFor(undefined);
}

function senderOf(parts: SendParts): Pick<HttpClient, 'acquirePermit' | 'send'> {
  const { options, clock, acquire } = parts;
  return {
    acquirePermit: async (signal, observer) => {
      const permit = await acquire(signal, observer);
      try {
        await permit.lane.open(signal);
        return permit;
      } catch (error) {
        permit.release();
        throw signal?.aborted === true ? signal.reason : transportFailure(peerOf(options), 'once', error);
      }
    },
    send: async (request) => {
      const given = request.permit instanceof LanePermit && !request.permit.isReleased ? request.permit : undefined;
      // One that cannot be used, whatever it is, must not block a place while another is waited for.
      if (given === undefined) request.permit?.release();
      try {
        if (request.repeat === 'once') return await sendOnce(parts, request, given, false);
        return await repeatRead(request, clock, (isRetry) => sendOnce(parts, request, isRetry ? undefined : given, isRetry));
      } finally {
        given?.release();
      }
    },
  };
}
