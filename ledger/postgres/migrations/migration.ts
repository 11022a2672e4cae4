/** One step of the tables. Forward only: one that has shipped is never edited. */
export interface Migration {
  /** 1, 2, … without gaps; the file's number. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
