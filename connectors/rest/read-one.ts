import { compileExpression } from '../../engine/expression.ts';
import type { Source, SourceRecord } from '../ports.ts';
import { evaluateOnAnswer } from './broken-contract.ts';
import { fieldNamesFor, insertsFieldNames } from './field-names.ts';
import { type FieldParts, merged } from './field-parts.ts';
import { holdBack } from './observe.ts';
import { compileRecordReader } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestSourceOptions } from './rest-source.ts';

type ReadOne = NonNullable<Source['readOne']>;

/** Reads a record by its key, as `get` says; undefined where there is no `get`. */
export function compileReadOne(options: RestSourceOptions, partsOf: FieldParts | undefined): ReadOne | undefined {
  const { client, connection, objectName, object, tellFieldNames, observer } = options;
  const { get } = object;
  if (get === undefined) return undefined;
  const where = `${connection}.${objectName}.get`;
  const request = compileRequest(get, where);
  const fieldNames = fieldNamesFor(tellFieldNames, { objectName, object, where }, get);
  const reader = compileRecordReader(object, '$', where, get);
  const record = get.record === undefined ? undefined : compileExpression(get.record);

  const readPart = async (
    key: string,
    names: { readonly fieldNames?: readonly string[] },
    signal: AbortSignal | undefined,
  ): Promise<SourceRecord | undefined> => {
    const held = holdBack(observer);
    const asked = { ...(await request.render({ id: key, ...names }, { now: Date.now() })), repeat: 'read', signal, observer: held.observer } as const;
    const { answer, classification } = await client.send(asked).finally(() => held.tell({ keys: [key] }));
    if (classification.class === 'not-found') return undefined;
    if (classification.class !== 'success') throw refused(connection, where, answer, classification);
    const found = record === undefined ? answer.body : await evaluateOnAnswer(record, answer.body, `${where}.record`);
    // GraphQL has no 404: what is not there is null.
    return get.graphql !== undefined && found === null ? undefined : reader.readRecord(found);
  };

  if (partsOf === undefined || !insertsFieldNames(get)) return async (key, signal) => readPart(key, await fieldNames(), signal);
  return async (key, signal) => {
    const [first, ...others] = await Promise.all((await partsOf()).map((part) => readPart(key, { fieldNames: part }, signal)));
    // What has gone meanwhile is gone.
    if (first === undefined || others.includes(undefined)) return undefined;
    return { key: first.key, fields: others.reduce((all, part) => merged(all, part?.fields ?? {}), first.fields) };
  };
}
