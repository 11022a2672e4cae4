import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, type CHash, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type jsonata from 'jsonata';
import { ExpressionError } from './expression-error.ts';

const DIGESTS = new Map<string, CHash>([
  ['sha256', sha256],
  ['sha384', sha384],
  ['sha512', sha512],
  ['sha1', sha1],
  ['md5', md5],
]);
const ENCODINGS = new Map<string, (bytes: Uint8Array) => string>([
  ['hex', bytesToHex],
  ['base64', base64],
  ['base64url', (bytes) => base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')],
]);
const KEYS = new Map<string, (text: string) => Uint8Array>([
  ['text', utf8ToBytes],
  ['hex', hexToBytes],
  ['base64', (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))],
]);

/**
 * Gives an expression the functions `$hash(text, algorithm?, encoding?)` and `$hmac(text, key, algorithm?, encoding?, keyEncoding?)`, where it uses them: sha256, in hex, unless they are told otherwise.
 * Text counts in UTF-8; of what is missing there is none.
 */
export function addDigests(expression: jsonata.Expression, source: string, variables: readonly string[]): void {
  const chosen = <Choice>(what: string, choices: ReadonlyMap<string, Choice>, name: string): Choice => {
    const choice = choices.get(name.toLowerCase());
    if (choice !== undefined) return choice;
    throw new ExpressionError({ message: `$hash and $hmac know no other ${what} than ${[...choices.keys()].join(', ')}`, source });
  };
  const keyOf = (key: string, encoding: string): Uint8Array => {
    try {
      return chosen('way to write a key', KEYS, encoding)(key);
    } catch (error) {
      // What a library says may quote the key.
      throw error instanceof ExpressionError ? error : new ExpressionError({ message: `the key of $hmac is not written in ${encoding}`, source });
    }
  };
  if (variables.includes('hash'))
    expression.registerFunction(
      'hash',
      (text?: string, algorithm = 'sha256', encoding = 'hex') =>
        text === undefined ? undefined : chosen('encoding', ENCODINGS, encoding)(chosen('algorithm', DIGESTS, algorithm)(utf8ToBytes(text))),
      '<s-s?s?:s>',
    );
  if (variables.includes('hmac'))
    expression.registerFunction(
      'hmac',
      (text?: string, key?: string, algorithm = 'sha256', encoding = 'hex', keyEncoding = 'text') => {
        if (text === undefined || key === undefined) return undefined;
        return chosen('encoding', ENCODINGS, encoding)(hmac(chosen('algorithm', DIGESTS, algorithm), keyOf(key, keyEncoding), utf8ToBytes(text)));
      },
      '<sss?s?s?:s>',
    );
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
