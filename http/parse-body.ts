import type { Json } from '../engine/json.ts';
import { parseJson } from '../engine/parse-json.ts';
import { isJsonArray } from '../engine/plain-json.ts';
import type { AnswerFormat, CsvDialect } from '../engine/text-format.ts';
import { broken, type SizeCap, stoppedMidway } from './answer-trouble.ts';
import { decoderOf, decodeXml } from './charset.ts';
import { hideSecretsIn, holdsSecret } from './hide-secrets.ts';
import { parseFormat } from './parse-format.ts';
import { isCutJson } from './split-json.ts';
import { ungzip } from './unpack.ts';
import { unzip } from './unzip.ts';

/** How a body is written, where it is not simply JSON. */
export interface AnswerText {
  /** `base64`: as it came, for who reads formats of their own. */
  readonly as?: AnswerFormat | 'base64' | undefined;
  readonly csv?: CsvDialect | undefined;
  /** @default as its content type or its XML says, else utf-8 */
  readonly encoding?: string | undefined;
  /** It is a ZIP archive: which files of it are read. */
  readonly unzip?: string | undefined;
}

export interface BodyOptions extends AnswerText {
  /** Credentials that are left out of a good body, too. A short password is a word that a record may hold. */
  readonly secretsInBody?: readonly string[] | undefined;
}

/** What is known of an answer beside its body. */
interface Told {
  readonly isGood: boolean;
  readonly contentType: string | undefined;
  /** It may be asked for once more. */
  readonly isRead?: boolean | undefined;
}

/** Parses a body as it is declared to be. A refusal is no archive. @throws SyncError CONTRACT_BROKEN */
export async function parseBody(bytes: Buffer, told: Told, options: SizeCap & BodyOptions): Promise<{ readonly body: Json; readonly bytes: number }> {
  if (options.unzip === undefined || !told.isGood) {
    const plain = await ungzip(bytes, options);
    return { body: parseFile(plain, told, options), bytes: plain.length };
  }
  const files = await unzip(bytes, options.unzip, options);
  // The content type is the archive's.
  const documents = files.map((file) => parseFile(file, { isGood: true, contentType: undefined }, options));
  const listed = documents.flatMap((document) => (document === null ? [] : isJsonArray(document) ? document : [document]));
  return { body: listed, bytes: files.reduce((sum, { length }) => sum + length, 0) };
}

function parseFile(bytes: Buffer, told: Told, { as, ...options }: SizeCap & BodyOptions): Json {
  const { isGood, contentType } = told;
  if (as !== 'base64') return parseText(decode(bytes, contentType, { ...options, as }), told, { ...options, as });
  return isGood ? bytes.toString('base64') : parseText(decode(bytes, contentType, options), told, options);
}

/** UTF-8 unless another encoding that is known is named, by the definition, the answer or, of XML, itself. */
function decode(bytes: Buffer, contentType: string | undefined, { as, encoding }: AnswerText): string {
  const decoder = decoderOf(encoding, contentType);
  if (decoder !== undefined) return decoder.decode(bytes);
  return as === 'xml' ? decodeXml(bytes) : bytes.toString('utf8');
}

const FORMAT_NAMES: Readonly<Record<AnswerFormat, string>> = { ndjson: 'NDJSON', csv: 'CSV with a header', xml: 'well-formed XML', lines: 'text' };

type TextOptions = SizeCap & BodyOptions & { readonly as?: AnswerFormat | undefined };

/** Whatever its content type says: APIs send JSON as text, and pages of HTML as JSON. */
function parseText(text: string, { isGood, isRead, contentType }: Told, { name, as, csv, secretsInBody = [] }: TextOptions): Json {
  const secrets = isGood ? secretsInBody : [];
  const trimmed = text.trim();
  if (trimmed === '' && (as === undefined || as === 'xml')) return null;
  // Refusals of such an API may be JSON, or words.
  const isFormatted = as !== undefined && (isGood || as !== 'lines');
  const formatted = isFormatted ? parseFormat(text, as, csv) : undefined;
  if (as !== undefined && isGood && formatted?.is === 'not-json') throw broken(`${name} answered what is no ${FORMAT_NAMES[as]}.`);
  const parsed = formatted?.is === 'json' ? formatted : parseJson(trimmed);
  if (parsed.is === 'too-deep') throw broken(`${name} answered JSON nested more than ${parsed.maxDepth} levels deep.`);
  // Without a length nobody sees that a connection broke in the middle of an answer.
  if (parsed.is === 'not-json' && isGood && isRead === true && contentType?.includes('json') === true && isCutJson(trimmed)) throw stoppedMidway(name);
  const body = parsed.is === 'json' ? parsed.value : text;
  return holdsSecret(text, secrets) ? hideSecretsIn(body, secrets, '') : body;
}
