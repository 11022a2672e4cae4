import type { Json } from './json.ts';

/** A key of a definition that gives a field its value or takes it away; `nesting` is the one limit that nobody writes down. */
export type StepName =
  | 'from'
  | 'expression'
  | 'value'
  | 'lookup'
  | 'ref'
  | 'onMissing'
  | 'onAmbiguous'
  | 'transform'
  | 'values'
  | 'default'
  | 'type'
  | 'onInvalid'
  | 'required'
  | 'nesting'
  | 'onNull';

/** One step on the way of a value, as it was taken. */
export interface MappingStep {
  readonly step: StepName;
  /** What the definition says there: a path, a transform, the name of a lookup. */
  readonly rule?: string | undefined;
  /** Afterwards; undefined: there is none. As it is, also where the field is sensitive. */
  readonly value?: Json | undefined;
  /** What is to be said of it. Hides the values of sensitive fields. */
  readonly remark?: string | undefined;
}

/** Where the steps of a field are put, where somebody wants to know them. */
export type Trace = MappingStep[];
