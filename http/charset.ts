import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

const UTF_8 = new Set(['utf-8', 'utf8', 'us-ascii']);
/** Of XML, what its first line says of itself (XML 1.0, section 4.3.3). */
const XML_ENCODING = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)/i;
const LONGEST_FIRST_LINE = 200;

/** A decoder of what is in another encoding than UTF-8, as the definition says or else its content type; undefined where it is not, or none is known by that name. */
export function decoderOf(declared: string | undefined, contentType: string | undefined): TextDecoder | undefined {
  const charset = declared ?? /charset\s*=\s*["']?([\w-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  return UTF_8.has(charset) ? undefined : knownDecoder(charset);
}

/** The text of XML, in the encoding that it names where nothing else says one. What is UTF-8 is, whatever it says: some write "utf-16" into all they send. */
export function decodeXml(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const [, encoding] = XML_ENCODING.exec(bytes.subarray(0, LONGEST_FIRST_LINE).toString('latin1')) ?? [];
  return (encoding === undefined ? undefined : knownDecoder(encoding))?.decode(bytes) ?? bytes.toString('utf8');
}

function knownDecoder(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset);
  } catch {
    return undefined;
  }
}
