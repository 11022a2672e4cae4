/** A query parameter of a list, as a description or a request shows it. */
export interface AskedParameter {
  readonly name: string;
  readonly isNumber?: boolean;
  readonly maximum?: number;
  readonly minimum?: number;
  readonly default?: number;
  readonly description?: string;
}
