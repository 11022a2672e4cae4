import { closeSync, openSync, readSync } from 'node:fs';
import { brokenFile } from './file-part.ts';

const HEAD_BYTES = 16_384;
const [NUL, LINE_FEED, CARRIAGE_RETURN] = [0x00, 0x0a, 0x0d];

/** How a file begins. */
export function readHead(path: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, 'r');
  try {
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/** Half of its bytes would be taken for characters of their own. @throws CONTRACT_BROKEN */
export function refuseUtf16(path: string, file: string, where: string): void {
  const head = readHead(path).subarray(0, 2);
  const hasMark = head.equals(Buffer.from([0xff, 0xfe])) || head.equals(Buffer.from([0xfe, 0xff]));
  if (hasMark || head.includes(NUL)) throw brokenFile(`${where}: ${file} is written in UTF-16. Save it as UTF-8 (Excel: "CSV UTF-8").`);
}

/** Whether lines end with a carriage return alone, as spreadsheets on a Macintosh write them. What stands in quotes does not count. */
export function endsLinesByReturn(path: string, quote: string): boolean {
  const quoteByte = Buffer.from(quote)[0];
  let isQuoted = false;
  let hasReturn = false;
  for (const byte of readHead(path)) {
    if (byte === quoteByte) isQuoted = !isQuoted;
    else if (byte === LINE_FEED && !isQuoted) return false;
    else if (byte === CARRIAGE_RETURN && !isQuoted) hasReturn = true;
  }
  return hasReturn;
}
