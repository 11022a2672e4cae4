import { alwaysThere } from '../engine/expected-shape.ts';
import { compileMapping } from '../engine/map-record.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** The context, with a mapping that makes nothing of a record in place of what has vanished from it. */
export async function withExpectedFields({ ledger }: ActivityDependencies, context: RunContext): Promise<RunContext> {
  const { definition, scope, sourceName } = context;
  if (definition.drift === 'ignore') return context;
  const expected = alwaysThere(await ledger.readExpectedShape(scope, sourceName));
  return expected.size === 0 ? context : { ...context, mapping: compileMapping(definition.sync.mapping, definition.sync.lookups, expected) };
}
