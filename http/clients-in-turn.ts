import { SyncError } from '../engine/errors.ts';
import type { Party, PartyPace } from './fair-queue.ts';
import type { HttpClient, HttpObserver, HttpPermit, HttpRequest } from './http-client.ts';

/** A client that tells how soon a request could go. */
export interface MeasuredClient extends HttpClient {
  /** Milliseconds that who comes now waits at least; then how many are before him. */
  delay(): { readonly ms: number; readonly before: number };
  forParty(party: Party): MeasuredClient;
}

/**
 * Clients of one account with a credential and limits each, as one: a request goes by the one that lets it go soonest, in turn where several would. A read that is told to wait there goes by
 * another that need not.
 */
export function clientsInTurn(clients: readonly MeasuredClient[]): HttpClient {
  const [only] = clients;
  let turn = 0;
  /** By whose client a permit was given. */
  const owners = new WeakMap<HttpPermit, MeasuredClient>();

  const soonest = (among: readonly MeasuredClient[]): MeasuredClient | undefined => {
    turn += 1;
    const inTurn = among.map((_, index) => among[(index + turn) % among.length]).filter((client) => client !== undefined);
    const [first] = inTurn.map((client) => ({ client, ...client.delay() })).toSorted((one, other) => one.ms - other.ms || one.before - other.before);
    return first?.client;
  };

  const sendBy = async (client: MeasuredClient, request: HttpRequest): ReturnType<HttpClient['send']> => {
    try {
      return await client.send(request);
    } catch (error) {
      throw isRefused(error) ? withPlace(error, clients.indexOf(client) + 1, clients.length) : error;
    }
  };

  /** The next best where one has to wait for longer than a request is repeated; the shortest wait where all have to. */
  const sendByAny = async (request: HttpRequest): ReturnType<HttpClient['send']> => {
    let shortest: SyncError | undefined;
    for (let left = clients; ; ) {
      const client = soonest(left) ?? only;
      if (client === undefined) throw new TypeError('there is no credential');
      left = left.filter((other) => other !== client);
      try {
        return await sendBy(client, request);
      } catch (error) {
        if (request.repeat === 'once' || !isWait(error)) throw error;
        if (shortest === undefined || waitOf(error) < waitOf(shortest)) shortest = error;
        if (left.length === 0) throw shortest;
      }
    }
  };

  const acquirePermit = async (signal?: AbortSignal, observer?: HttpObserver): Promise<HttpPermit> => {
    const client = soonest(clients) ?? only;
    if (client === undefined) throw new TypeError('there is no credential');
    const permit = await client.acquirePermit(signal, observer);
    owners.set(permit, client);
    return permit;
  };

  return {
    acquirePermit,
    send: (request) => {
      const owner = request.permit === undefined ? undefined : owners.get(request.permit);
      return owner === undefined ? sendByAny(request) : sendBy(owner, request);
    },
    // Which of them a request within a request counts for is not told.
    learn: (answer, classification) => {
      for (const client of clients) client.learn(answer, classification);
    },
    setPace: (pace) => {
      for (const client of clients) client.setPace(partOf(pace, clients.length));
    },
    forParty: (party) => clientsInTurn(clients.map((client) => client.forParty(party))),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** What a party may do in all, divided. */
function partOf({ requestsPerSecond, concurrency }: PartyPace, among: number): PartyPace {
  return {
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecond: requestsPerSecond / among }),
    ...(concurrency === undefined ? {} : { concurrency: Math.ceil(concurrency / among) }),
  };
}

function isWait(error: unknown): error is SyncError {
  return error instanceof SyncError && (error.code === 'RATE_LIMITED' || error.code === 'QUOTA_SPENT');
}

function waitOf({ retry }: SyncError): number {
  return typeof retry === 'object' ? retry.afterMs : 0;
}

function isRefused(error: unknown): error is SyncError {
  return error instanceof SyncError && error.code === 'CREDENTIALS_REJECTED';
}

/** Which of several was refused: the sentence names the connection alone. */
function withPlace({ code, retry, message, details }: SyncError, place: number, of: number): SyncError {
  return new SyncError({ code, retry, message: `${message} It is credential ${place} of ${of} (auth.of).`, details });
}
