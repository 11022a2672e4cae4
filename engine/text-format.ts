/** How an answer or a body is written, where it is no JSON. */
export const TEXT_FORMATS = ['ndjson', 'csv', 'xml'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];

/** Of an answer only: a text whose lines are the records. */
export const ANSWER_FORMATS = [...TEXT_FORMATS, 'lines'] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

/** A dialect of CSV. */
export interface CsvDialect {
  /** @default a comma */
  readonly delimiter?: string | undefined;
  /** @default " */
  readonly quote?: string | undefined;
  /** Where the first line does not have them. */
  readonly columns?: readonly string[] | undefined;
  /** An empty value is null. @default true */
  readonly emptyIsNull?: boolean | undefined;
  /** Words that mean null. */
  readonly nulls?: readonly string[] | undefined;
}
