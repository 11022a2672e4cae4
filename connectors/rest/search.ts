import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { Target } from '../ports.ts';
import { observe } from './observe.ts';
import { compileRecordReader } from './record-reader.ts';
import { compileRequest } from './request-template.ts';
import { refused } from './rest-source.ts';
import type { RestTargetOptions } from './rest-target.ts';

/** Looks records up by match value, as many at once as the API takes. Compared as text, without regard to case or spaces around. */
export function compileSearch(options: RestTargetOptions): Target['search'] {
  const { client, connection, object, matchOn } = options;
  const { search } = object;
  const where = `${connection.name}.${options.objectName}.search`;
  if (search === undefined) {
    return () => Promise.reject(new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `${where} is not defined.` }));
  }
  const render = compileRequest(search, where);
  const reader = compileRecordReader(object, search.records, where);
  const matchField = compileExpression(`\`${matchOn}\``);
  const observer = observe(connection.name, options.observer);

  return async (values, signal) => {
    const byMatch = new Map<string, { id: string; fields: JsonObject }[]>();
    for (let from = 0; from < values.length; from += search.max) {
      const keys = values.slice(from, from + search.max);
      const { answer, classification } = await client.send({ ...(await render({ keys, key: keys[0], matchOn })), repeat: 'read', signal, observer });
      if (classification.class === 'not-found') continue;
      if (classification.class !== 'success') throw refused(connection.name, where, answer, classification);
      for (const { key, fields } of await reader.readList(answer.body)) {
        const match = compared(await matchField.evaluate(fields));
        byMatch.set(match, [...(byMatch.get(match) ?? []), { id: key, fields }]);
      }
    }
    return new Map(values.flatMap((value) => (byMatch.has(compared(value)) ? [[value, byMatch.get(compared(value)) ?? []] as const] : [])));
  };
}

function compared(value: unknown): string {
  return String(value ?? '')
    .trim()
    .toLowerCase();
}
