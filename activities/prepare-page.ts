import type { Page, SourceRecord } from '../connectors/ports.ts';
import { byteLength } from '../engine/bytes.ts';
import { hashContent } from '../engine/content-hash.ts';
import { decideChange } from '../engine/diff.ts';
import { compileExpression, type Expression } from '../engine/expression.ts';
import type { LookupAnswer } from '../engine/field-rule.ts';
import type { Json, JsonObject } from '../engine/json.ts';
import type { RecordState, StagedRecord } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** A page ready to be staged. */
export interface PreparedPage {
  readonly records: readonly StagedRecord[];
  /** The largest value of the incremental field on the page. */
  readonly maxCursorValue: string | undefined;
}
