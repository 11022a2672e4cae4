import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { ConnectionOptions } from '@temporalio/client';

const TIMEOUT_MS = 2_000;
/** A server that does not take a client's certificate says so after the handshake. */
const SECOND_THOUGHTS_MS = 500;

/** @throws what the system says where nobody does */
export async function listens(address: string): Promise<void> {
  const socket = connectPlain(placeOf(address));
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

function placeOf(address: string) {
  const { hostname, port } = new URL(`tcp://${address}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/**
 * Temporal's client only tells that it did not connect in time: this asks once more what is in the way.
 * @returns the words of whoever knows, for `temporalTrouble`; empty where nothing answers, or nothing is wrong
 */
export async function whyUnreachable(address: string, tls: ConnectionOptions['tls']): Promise<string> {
  const place = placeOf(address);
  if (tls === undefined || tls === null || tls === false) return (await speaksHttp2(address)) ? '' : wordsOf(connectPlain(place), 'connect');
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

/** As a server without TLS does, however slow it is otherwise. */
function speaksHttp2(address: string): Promise<boolean> {
  const session = connectHttp2(`http://${address}`);
  return new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), TIMEOUT_MS);
    const end = (speaks: boolean) => {
      clearTimeout(timer);
      resolve(speaks);
    };
    session.once('remoteSettings', () => end(true));
    session.once('error', () => end(false));
    session.once('close', () => end(false));
  }).finally(() => session.destroy());
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
