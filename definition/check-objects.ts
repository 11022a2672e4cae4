import { ANY_OBJECT, objectNamed } from './any-object.ts';
import { checkEndpoint, ENDPOINTS } from './check-endpoint.ts';
import { checkExpression, checkTemplate, type Page } from './check-expression.ts';
import { checkProbe } from './check-graphql.ts';
import { isRegularExpression } from './check-limits.ts';
import { checkParents } from './check-parents.ts';
import type { Mistake } from './mistake.ts';
import type { Connector, ConnectorObject } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

/** Expressions and templates of one object of a connector or connection. @param siblings the objects beside it, and itself */
export function checkObject(page: Page, path: Path, described: ConnectorObject, siblings: Readonly<Record<string, ConnectorObject>>): Mistake[] {
  const object = path.at(-1) === ANY_OBJECT ? (objectNamed({ [ANY_OBJECT]: described }, 'Any') ?? described) : described;
  const mistakes = [
    ...checkExpression(page, [...path, 'primaryKey'], object.primaryKey),
    ...checkExpression(page, [...path, 'values'], object.values),
    ...checkTemplate(page, [...path, 'webUrl'], object.webUrl, ['id']),
    ...checkFieldsEndpoint(page, [...path, 'fields'], object.fields),
  ];
  for (const name of ENDPOINTS) {
    const endpoint = object[name];
    if (endpoint !== undefined) mistakes.push(...checkEndpoint(page, [...path, name], name, endpoint));
  }
  return [
    ...mistakes,
    ...checkModule(page, path, object),
    ...checkKeyset(page, path, object),
    ...checkEtag(page, path, object),
    ...checkParents(page, path, object, siblings),
  ];
}

/** Code and endpoints would both say how the object is read, or written. */
function checkModule({ file }: Page, path: Path, object: ConnectorObject): Mistake[] {
  const { offers = [] } = object.module ?? {};
  return [OF_READING, OF_WRITING].flatMap((side) => {
    const byCode = side.filter((name) => offers.some((offer) => offer === name));
    if (byCode.length === 0) return [];
    const strangers = side.filter((name) => object[name] !== undefined);
    return strangers.map((name) =>
      file.mistake([...path, name], `the object has a \`module\`, which offers ${byCode.join(', ')}: take this away`, { at: 'key' }),
    );
  });
}
const OF_READING = ['list', 'changes', 'deleted', 'get'] as const;
const OF_WRITING = ['search', 'create', 'update', 'upsert', 'delete'] as const;

function checkFieldsEndpoint(page: Page, path: Path, endpoint: ConnectorObject['fields']): Mistake[] {
  if (endpoint === undefined) return [];
  const { get, query = {}, types: _types, ...expressions } = endpoint;
  const parameters = Object.entries(query).flatMap(([name, given]) => {
    const isLong = typeof given === 'object';
    return checkTemplate(page, [...path, 'query', name, ...(isLong ? ['value'] : [])], isLong ? given.value : given, OF_FIELDS);
  });
  return [
    ...checkTemplate(page, [...path, 'get'], get, OF_FIELDS),
    ...parameters,
    ...Object.entries(expressions).flatMap(([key, expression]) => checkExpression(page, [...path, key], expression)),
  ];
}
const OF_FIELDS = ['object'];

/** What a write names as the version that it changes, a search must have found. */
function checkEtag({ file }: Page, path: Path, { search, create, update, upsert, delete: remove }: ConnectorObject): Mistake[] {
  if (search?.etag !== undefined) return [];
  const writes = Object.entries({ create, update, upsert, delete: remove });
  return writes.flatMap(([name, write]) => {
    const places = [
      { at: [name, 'headers'], headers: write?.headers },
      { at: [name, 'each', 'headers'], headers: write?.each?.headers },
    ];
    const inserts = places.flatMap(({ at, headers = {} }) =>
      Object.entries(headers).flatMap(([header, value]) => (value.includes('{etag}') ? [[...at, header]] : [])),
    );
    if (inserts[0] === undefined) return [];
    return [file.mistake([...path, ...inserts[0]], 'etag is what `search.etag` finds: say there where a record shows its version')];
  });
}

/** Where more records than a page share the key that pages go on from, the others cannot be reached. */
function checkKeyset({ file }: Page, path: Path, { primaryKey, list }: ConnectorObject): Mistake[] {
  if (list?.page.type !== 'keyset' || list.page.key === primaryKey) return [];
  const message = `pages go on after the last "${list.page.key}": of records that share one some may be left out where they fill a page; better the primary key "${primaryKey}"`;
  return [file.mistake([...path, 'list', 'page', 'key'], message, { severity: 'warning' })];
}

/** A connector on its own: objects, error rules, hints. */
export function checkConnector(page: Page, connector: Connector): Mistake[] {
  const mistakes = Object.entries(connector.objects).flatMap(([name, object]) => checkObject(page, ['objects', name], object, connector.objects));
  for (const [index, rule] of (connector.errors ?? []).entries()) {
    for (const key of ['when', 'message', 'until'] as const) {
      mistakes.push(...checkExpression(page, ['errors', index, key], rule[key], ['status', 'headers', 'body']));
    }
  }
  for (const [index, { match }] of (connector.hints ?? []).entries()) {
    if (!isRegularExpression(match)) mistakes.push(page.file.mistake(['hints', index, 'match'], 'is no regular expression'));
  }
  const { probe } = connector;
  return [...mistakes, ...checkTemplate(page, ['probe', 'get'], probe?.get, []), ...checkProbe(page, ['probe', 'graphql'], probe?.graphql)];
}
