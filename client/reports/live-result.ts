import type { ResolvedConnection } from '../../definition/resolved.ts';
import { SyncError } from '../../engine/errors.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { givenUp } from '../given-up.ts';
import { clean, wrap } from '../output/text.ts';

/** What came of trying one thing. */
export interface LiveResult {
  readonly connection: string;
  /** Absent: the connection itself. */
  readonly object?: string;
  readonly isGood: boolean;
  readonly message: string;
  readonly records?: number;
  readonly total?: number;
  readonly fields?: readonly string[];
  /** Of the page that was read. Not for print: they hold what people have written. */
  readonly facts?: readonly FieldFacts[];
  readonly exitCode: ExitCode;
}

export type Found = Pick<LiveResult, 'message' | 'records' | 'total' | 'fields' | 'facts'>;

/** What the systems answer is a result; anything else is thrown. */
export async function attempt(connection: ResolvedConnection, object: string | undefined, work: () => Promise<Found>): Promise<LiveResult> {
  const named = { connection: connection.name, ...(object === undefined ? {} : { object }) };
  try {
    return { ...named, isGood: true, exitCode: EXIT.done, ...(await work()) };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return { ...named, isGood: false, message: givenUp(error.message), exitCode: exitCodeOf(error.code) };
  }
}

export function printResult(cli: Cli, { connection, object, isGood, message, fields = [] }: LiveResult): void {
  const { theme, width } = cli.out;
  const what = object === undefined ? connection : `${connection} ${object}`;
  cli.out.print(`${isGood ? theme.good('✓') : theme.bad('✗')} ${what.padEnd(24)} ${clean(message)}`);
  if (fields.length > 0) for (const line of wrap(fields.join(', '), width - 27)) cli.out.print(`${' '.repeat(27)}${theme.faint(line)}`);
}
