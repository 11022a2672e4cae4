import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';

const bytes = z.base64().transform((text): Uint8Array => Buffer.from(text, 'base64'));
/** Protobuf's JSON leaves out what is empty, a list too. */
const requestSchema = z.object({ payloads: z.array(z.object({ metadata: z.record(z.string(), bytes).optional(), data: bytes.optional() })).default([]) });

/**
 * One request of the remote codec protocol (docs.temporal.io, "Codec Server"): payloads in protobuf's JSON form, encoded or decoded.
 * @returns the body of the answer; undefined where the request is none
 */
export async function answerCodecRequest(codec: PayloadCodec, direction: 'encode' | 'decode', body: unknown): Promise<string | undefined> {
  const request = requestSchema.safeParse(body);
  if (!request.success) return undefined;
  const payloads = request.data.payloads.map(
    ({ metadata, data }): Payload => ({ ...(metadata === undefined ? {} : { metadata }), ...(data === undefined ? {} : { data }) }),
  );
  return JSON.stringify({ payloads: (await codec[direction](payloads)).map(asJson) });
}

function asJson({ metadata, data }: Payload) {
  const fields = Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]);
  return { metadata: Object.fromEntries(fields), data: base64(data ?? new Uint8Array()) };
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}
