import { createHash } from 'node:crypto';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import type { SourceRecord } from '../ports.ts';

/** Of the records of a page so many are asked for again with the next: as many may go from the list in between without any doubt. */
const REPEATED_SHARE = 1 / 50;
const KEPT_KEYS = 8;

/**
 * How a page of a list that is walked by offset joins the one before. A record that goes from an earlier page moves all later ones up, and the next page would leave one
 * out. So each page repeats the end of the one before; where it does not, the walk steps back until it finds it. JSON, kept with the cursor.
 */
export interface PageSeam {
  /** Hashes of the last keys of the page before. */
  readonly tail: readonly string[];
  /** Records that this page is to repeat. */
  readonly overlap: number;
  /** Steps back so far. */
  readonly steps: number;
  /** Records of the page before: how far the first step goes. */
  readonly stride: number;
}

export type Joint =
  /** So many of it were read before, or lie in the list before what is new. `fresh`: what the end of the page before did not have. */
  | { readonly joint: 'joined'; readonly repeated: number; readonly fresh: readonly SourceRecord[] }
  /** Something has gone from the list: what lies between is further up. */
  | { readonly joint: 'gap' }
  /** The API rounds offsets down: it gave the page before once more. */
  | { readonly joint: 'rounded' };

/** @returns undefined where it is none */
export function readSeam(value: Json | undefined): PageSeam | undefined {
  if (!isJsonObject(value)) return undefined;
  const { tail, overlap, steps, stride } = value;
  if (!isJsonArray(tail) || typeof overlap !== 'number' || typeof steps !== 'number' || typeof stride !== 'number') return undefined;
  return { tail: tail.filter((hash) => typeof hash === 'string'), overlap, steps, stride };
}

/** How the page after this one is to join it; undefined where it is too small to repeat a part of it. */
export function seamAfter(records: readonly SourceRecord[]): PageSeam | undefined {
  if (records.length < 2) return undefined;
  const overlap = Math.ceil(records.length * REPEATED_SHARE);
  return { tail: records.slice(-Math.max(overlap, KEPT_KEYS)).map(hashOf), overlap, steps: 0, stride: records.length };
}

/** How a page joins the one before: at its beginning, or further down, where several of that one's last records stand together. One by itself was moved there. */
export function joinPage(seam: PageSeam, records: readonly SourceRecord[]): Joint {
  const tail = new Set(seam.tail);
  const hashes = records.map(hashOf);
  const isOld = hashes.map((hash) => tail.has(hash));
  const begin = isOld.findIndex((is, index) => is && (index === 0 || isOld[index + 1] === true || isCutTail(seam, hashes, index)));
  if (begin < 0) return { joint: 'gap' };
  const length = isOld.slice(begin).indexOf(false);
  const end = length < 0 ? records.length : begin + length;
  const isWhole = end === records.length && end > seam.overlap && end === seam.stride && seam.steps === 0;
  if (isWhole && hashes.at(-1) === seam.tail.at(-1)) return { joint: 'rounded' };
  const repeated = end + isOld.slice(end).filter((is) => is).length;
  return { joint: 'joined', repeated, fresh: records.filter((_, index) => isOld[index] === false) };
}

/** The page ends with the first record of that end. */
function isCutTail({ tail }: PageSeam, hashes: readonly string[], index: number): boolean {
  return index === hashes.length - 1 && hashes[index] === tail[0];
}

/** How far before the offset of a page with a gap the search goes on: twice as far each time. */
export function stepBack(seam: PageSeam): { readonly by: number; readonly seam: PageSeam } {
  return { by: seam.stride * 2 ** seam.steps, seam: { ...seam, steps: seam.steps + 1 } };
}

function hashOf(record: SourceRecord): string {
  return createHash('sha256').update(record.key).digest('base64url').slice(0, 8);
}
