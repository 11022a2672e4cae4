import type { HttpExchange, HttpObserver } from '../../http/http-client.ts';
import type { RequestObserver } from '../ports.ts';

/** Passes what the client tells on to those who count, with the connection's name. */
export function observe(connection: string, ...observers: readonly (RequestObserver | undefined)[]): HttpObserver {
  const teller = observers.findLast((observer) => observer?.onExchange !== undefined);
  return {
    onRequest: (request) => {
      for (const observer of observers) observer?.onRequest?.({ connection, ...request });
    },
    onWait: (wait) => {
      for (const observer of observers) observer?.onWait?.({ connection, ...wait });
    },
    ...(teller === undefined ? {} : { onExchange: (exchange) => teller.onExchange?.({ connection, ...exchange }) }),
  };
}

/** The same for one request, with its exchanges told once it is known what they are about. */
export function holdBack(observer: HttpObserver): { readonly observer: HttpObserver; readonly tell: (what?: Pick<HttpExchange, 'keys' | 'matches'>) => void } {
  const { onExchange } = observer;
  if (onExchange === undefined) return { observer, tell: () => undefined };
  const held: HttpExchange[] = [];
  return {
    observer: { ...observer, onExchange: (exchange) => void held.push(exchange) },
    tell: (what) => {
      for (const exchange of held.splice(0)) onExchange({ ...exchange, ...what });
    },
  };
}

/** The same, with its exchanges told without what was sent and answered, but for the words of a refusal: of jobs that hold thousands of records, or answer signed links. */
export function withoutBodies({ onExchange, ...observer }: HttpObserver): HttpObserver {
  if (onExchange === undefined) return observer;
  return {
    ...observer,
    onExchange: ({ sent: _, received, ...exchange }) => onExchange({ ...exchange, ...((exchange.status ?? 0) >= 400 ? { received } : {}) }),
  };
}

/** Tells people what looks wrong and stops nothing: each message once, however often it comes up. */
export function warnOnce(connection: string, observer: RequestObserver | undefined, onWarning: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (told.has(message)) return;
    told.add(message);
    observer?.onWarning?.({ connection, message });
    onWarning(message);
  };
}
