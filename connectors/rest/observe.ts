import type { HttpObserver } from '../../http/http-client.ts';
import type { RequestObserver } from '../ports.ts';

/** Passes what the client tells on to those who count, with the connection's name. */
export function observe(connection: string, ...observers: readonly (RequestObserver | undefined)[]): HttpObserver {
  return {
    onRequest: (request) => {
      for (const observer of observers) observer?.onRequest?.({ connection, ...request });
    },
    onWait: (wait) => {
      for (const observer of observers) observer?.onWait?.({ connection, ...wait });
    },
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
