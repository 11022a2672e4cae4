import { type DestinationStream, type Logger, pino } from 'pino';
import { loggedError } from '../worker/sight/logged-error.ts';

/** The log of a listener: JSON lines on stderr. */
export function createListenerLog(to: DestinationStream = pino.destination(2)): Logger {
  return pino({ base: { pid: process.pid }, serializers: { error: loggedError } }, to);
}
