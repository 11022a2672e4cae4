import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { ConnectionOptions } from '@temporalio/client';

const TIMEOUT_MS = 2_000;
/** A server that does not take a client's certificate says so after the handshake. */
const SECOND_THOUGHTS_MS = 500;

/**
 * Temporal's client only tells that it did not connect in time: this asks once more what is in the way.
 * @returns the words of whoever knows, for `temporalTrouble`; empty where nothing answers, or nothing is wrong
 */
export async function whyUnreachable(address: string, tls: ConnectionOptions['tls']): Promise<string> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const place = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
  if (tls === undefined || tls === null || tls === false) return wordsOf(connectPlain(place), 'connect');
  try {
    return await wordsOf(connectTls({ ...place, ...tlsOptions(place.host, tls === true ? {} : tls) }), 'secureConnect');
  } catch (error) {
    return describe(error);
  }
}

function tlsOptions(host: string, tls: Exclude<ConnectionOptions['tls'], boolean | null | undefined>): TlsOptions {
  const { serverRootCACertificate, clientCertPair, serverNameOverride } = tls;
  const isName = !/^[\d.]+$|:/.test(host);
  return {
    ALPNProtocols: ['h2'],
    ...(serverNameOverride === undefined ? (isName ? { servername: host } : {}) : { servername: serverNameOverride }),
    ...(serverRootCACertificate === undefined ? {} : { ca: Buffer.from(serverRootCACertificate) }),
    ...(clientCertPair === undefined ? {} : { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) }),
  };
}

/** A connection that stands for a while is a server that wants to be spoken to otherwise. */
function wordsOf(socket: Socket, ready: 'connect' | 'secureConnect'): Promise<string> {
  return new Promise<string>((resolve) => {
    const timer = setTimeout(() => resolve(''), TIMEOUT_MS);
    let isReady = false;
    const end = (words: string) => {
      clearTimeout(timer);
      resolve(words);
    };
    socket.once(ready, () => {
      isReady = true;
      setTimeout(() => end(ready === 'connect' ? 'ended without a word' : ''), SECOND_THOUGHTS_MS);
    });
    socket.once('error', (error) => end(describe(error)));
    socket.once('close', () => end(isReady ? 'ended without a word' : ''));
  }).finally(() => socket.destroy());
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${String(error.code)} ${error.message}` : error.message;
}
