/** How an answer or a body is written, where it is no JSON. */
export const TEXT_FORMATS = ['ndjson', 'csv', 'xml'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];
