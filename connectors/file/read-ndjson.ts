import { createReadStream } from 'node:fs';
import type { FileRule } from '../../definition/schema/file.ts';
import { isJsonObject } from '../../engine/json.ts';
import { parseJson } from '../../engine/parse-json.ts';
import { brokenFile, type FilePart, type PartRequest, shortPart } from './file-part.ts';

const MAX_LINE_BYTES = 16_000_000;
const LINE_BREAK = 0x0a;

/** A page of a file with a JSON object in each line (https://jsonlines.org), from a byte on. */
export async function readNdjson({ encoding = 'utf-8' }: FileRule, { path, file, place, limit, signal, where }: PartRequest): Promise<FilePart> {
  const input = createReadStream(path, { start: place.at, signal });
  const decoder = new TextDecoder(encoding);
  const part = shortPart();
  part.at = place.at;
  let line = place.line;
  const take = (bytes: Buffer) => {
    line += 1;
    const text = decoder.decode(bytes).trim();
    if (text === '') return;
    const parsed = parseJson(text);
    if (parsed.is === 'json' && isJsonObject(parsed.value)) part.rows.push({ fields: parsed.value, line });
    else part.unreadable.push({ key: `${file}:${line}`, message: `${file}, line ${line}: it is no JSON object`, content: text });
  };
  let pieces: Buffer[] = [];
  let waiting = 0;
  try {
    for await (const chunk of input) {
      let bytes: Buffer = Buffer.from(chunk);
      for (let end = bytes.indexOf(LINE_BREAK); end >= 0; end = bytes.indexOf(LINE_BREAK)) {
        take(Buffer.concat([...pieces, bytes.subarray(0, end)]));
        part.at += waiting + end + 1;
        [pieces, waiting, bytes] = [[], 0, bytes.subarray(end + 1)];
        if (part.rows.length + part.unreadable.length >= limit) return { ...part, line, isLast: false };
      }
      pieces.push(bytes);
      waiting += bytes.length;
      if (waiting > MAX_LINE_BYTES)
        throw brokenFile(
          `${where}: ${file}, line ${line + 1}: it is longer than ${MAX_LINE_BYTES / 1_000_000} MB. Is it a file with a JSON object in each line?`,
        );
    }
    if (waiting > 0) take(Buffer.concat(pieces));
    return { ...part, at: part.at + waiting, line, isLast: true };
  } finally {
    input.destroy();
  }
}
