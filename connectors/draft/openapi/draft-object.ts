import type { Json, JsonObject } from '../../../engine/json.ts';
import type { AnswerShape } from '../answer-shape.ts';
import type { Draft, Guess } from '../draft.ts';
import { changedField, guessKey, guessWindow } from '../guess-fields.ts';
import { guessPage } from '../guess-page.ts';
import { guessRecord } from '../guess-records.ts';
import { secretName, settingReference } from '../secret-name.ts';
import type { Collection } from './collections.ts';
import type { DescribedOperation, DescribedParameter } from './operations.ts';

/** Writes one object of a described API into the draft. @returns why it cannot be read as it is, where that is so; then nothing is written */
export function draftObject(draft: Draft, collection: Collection, connector: string): string | undefined {
  const { name, list, found, ofRecord, parent } = collection;
  const key = guessKey(found.item, name);
  const parentKey = parent === undefined ? undefined : guessKey(parent.found.item, parent.name).value;
  const asked = list.parameters.filter(({ in: place }) => place === 'query');
  const page = guessPage({ parameters: asked, answer: list.answer, primaryKey: key.value, hasLink: list.hasLink });
  const needed = neededOf(list, page?.value, connector);
  if (typeof needed === 'string') return needed;
  const at = ['objects', name];
  draft.guess([...at, 'primaryKey'], parent === undefined ? key : { value: key.value, why: `${key.why}, if no two ${parent.name} share one` });
  const fields = Object.keys(found.item.fields);
  if (fields.length > 0) draft.set([...at, 'knownFields'], fields);
  draft.set([...at, 'list', 'get'], parentKey === undefined ? list.path : list.path.replace(/\{[^{}]+\}/, `{parent.${parentKey}}`));
  for (const [path, guess] of needed) draft.guess([...at, 'list', ...path], guess);
  draftWindow(draft, [...at, 'list', 'query'], asked, found.item);
  draft.guess([...at, 'list', 'records'], found.records);
  draft.guess([...at, 'list', 'page'], page ?? { value: { type: 'none' }, why: 'nothing tells of pages: is one answer all?' });
  if (parent !== undefined) draft.guess([...at, 'list', 'parents'], { value: { object: parent.name }, why: 'one list for each of them' });
  if (ofRecord.get !== undefined) {
    draft.set([...at, 'get', 'get'], recordPath(ofRecord.get));
    const record = guessRecord(ofRecord.get.answer, found.item, key.value);
    if (record !== undefined) draft.guess([...at, 'get', 'record'], record);
  }
  draftWrites(draft, at, collection);
  return undefined;
}

/** Parameters without which the list does not answer; or why nobody but its user can fill them. */
function neededOf(
  list: DescribedOperation,
  page: JsonObject | undefined,
  connector: string,
): readonly (readonly [path: readonly string[], guess: Guess<Json>])[] | string {
  const ofPages = new Set([page?.['param'], sizeParam(page)]);
  const needed: (readonly [readonly string[], Guess<Json>])[] = [];
  for (const parameter of list.parameters) {
    const place = placeOf(parameter);
    if (!parameter.isRequired || place === undefined || ofPages.has(parameter.name)) continue;
    if (parameter.value === undefined && place === 'query') return `it needs the query parameter "${parameter.name}", which only you know`;
    needed.push([[place, parameter.name], neededValue(parameter, place, connector)]);
  }
  return needed;
}

/** A header that nothing is said of is the same for the whole account. */
function neededValue({ name, value }: DescribedParameter, place: 'query' | 'headers', connector: string): Guess<Json> {
  if (value !== undefined) return { value: stated(value, place), why: 'the list needs it' };
  const setting = secretName(connector, name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_'));
  return { value: settingReference(setting), why: 'the list needs it, and only you know it' };
}

function placeOf({ in: place, name }: DescribedParameter): 'query' | 'headers' | undefined {
  if (place === 'query') return 'query';
  return place === 'header' && !/^(?:authorization|accept|content-type)$/i.test(name) ? 'headers' : undefined;
}

function sizeParam(page: JsonObject | undefined): Json | undefined {
  const size = page?.['size'];
  return typeof size === 'object' && size !== null && 'param' in size ? size.param : undefined;
}

/** Braces in a text of the description are no template of ours. */
function stated(value: string | number | boolean, place: 'query' | 'headers'): string | number | boolean {
  return typeof value === 'string' || place === 'headers' ? String(value).replaceAll(/[{}]/g, '$&$&') : value;
}

function draftWindow(draft: Draft, at: readonly string[], asked: readonly DescribedParameter[], item: Collection['found']['item']): void {
  const window = guessWindow(asked, changedField(item));
  if (window === undefined) return;
  const { from, to } = window.value;
  draft.guess([...at, from], { value: { value: '{window.from}', optional: true }, why: window.why });
  if (to !== undefined) draft.guess([...at, to], { value: { value: '{window.to}', optional: true }, why: 'asks for what changed until' });
}

function draftWrites(draft: Draft, at: readonly string[], { create, ofRecord, found }: Collection): void {
  const update = ofRecord.patch ?? ofRecord.put;
  if (create?.body !== undefined) draftWrite(draft, [...at, 'create'], { write: create, path: create.path, item: found.item });
  if (update?.body !== undefined) draftWrite(draft, [...at, 'update'], { write: update, path: recordPath(update), item: found.item });
  if (ofRecord.delete !== undefined) draft.set([...at, 'delete', 'delete'], recordPath(ofRecord.delete));
}

interface DescribedWrite {
  readonly write: DescribedOperation;
  readonly path: string;
  readonly item: Collection['found']['item'];
}

function draftWrite(draft: Draft, at: readonly string[], { write, path, item }: DescribedWrite): void {
  if (write.method === 'put') draft.guess([...at, 'put'], { value: path, why: 'a PUT may clear the fields that are not mapped' });
  else draft.set([...at, write.method], path);
  if (write.body?.format === 'form') draft.set([...at, 'format'], 'form');
  const wrapper = wrapperOf(write.body?.shape, Object.keys(item.fields));
  if (wrapper !== undefined) draft.guess([...at, 'body'], { value: { [wrapper]: '{record}' }, why: 'the body holds the record in this field' });
}

/** The one field of a body that holds the record itself. */
function wrapperOf(body: AnswerShape | undefined, known: readonly string[]): string | undefined {
  if (body?.kind !== 'object') return undefined;
  const [only, ...others] = Object.entries(body.fields);
  if (only === undefined || others.length > 0) return undefined;
  const [name, shape] = only;
  return shape.kind === 'object' && !known.includes(name) ? name : undefined;
}

/** The one value in the path of a record is its id, however it is called. */
function recordPath({ path }: DescribedOperation): string {
  return path.replace(/\{[^{}]+\}/, '{id}');
}
