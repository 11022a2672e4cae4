import type { IncomingMessage } from 'node:http';

/** So much of what is too much is read and dropped, that the sender may hear the answer. */
const DROPPED = 16;

/** The bytes of a body as they came. Of what is too much nothing is kept. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too-large' | 'broken-off'> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size <= maxBytes) chunks.push(bytes);
      else chunks.length = 0;
      if (size > maxBytes * DROPPED) return 'too-large';
    }
  } catch {
    // It was reset, or took too long.
    return 'broken-off';
  }
  return size > maxBytes ? 'too-large' : Buffer.concat(chunks);
}
