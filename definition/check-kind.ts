import type { Page } from './check-expression.ts';
import type { Mistake } from './mistake.ts';
import type { Connector, ConnectorObject } from './schema/connector.ts';
import { secretNames, settingNames } from './secrets.ts';
import type { Path } from './yaml-file.ts';

type Kind = Connector['kind'];

/** What an object of each kind of connector is described by. */
const PARTS = ['table', 'query', 'file'] as const;
const OF_REST = ['list', 'changes', 'deleted', 'get', 'search', 'create', 'update', 'upsert', 'delete', 'fields', 'values'] as const;
/** Of an account that speaks HTTP. */
const OF_HTTP = ['baseUrl', 'auth', 'headers', 'allowPlainHttp'] as const;

/** Objects that are described as those of another kind of connector are. */
export function checkObjectKinds({ file }: Page, objects: Readonly<Record<string, ConnectorObject>>, kind: Kind): Mistake[] {
  return Object.entries(objects).flatMap(([name, object]) => {
    const path = ['objects', name];
    const parts = PARTS.filter((part) => file.valueAt([...path, part]) !== undefined);
    const [first, second] = parts;
    if (kind === undefined) {
      if (first === undefined) return [];
      const meant = first === 'file' ? '"connector: files"' : '"connector: postgres" or "connector: sqlite"';
      return [file.mistake([...path, first], `a ${first} is no part of a REST API: it needs ${meant}`, { at: 'key' })];
    }
    const [stranger] = OF_REST.filter((key) => file.valueAt([...path, key]) !== undefined);
    if (stranger !== undefined) {
      const instead = kind === 'files' ? 'a `file`' : 'a `table` or a `query`';
      return [file.mistake([...path, stranger], `${stranger} is of REST APIs: here an object is ${instead}`, { at: 'key' })];
    }
    if (first === undefined) return [file.mistake(path, kind === 'files' ? 'needs a `file`' : 'needs a `table` or a `query`', { at: 'key' })];
    if (second !== undefined) return [file.mistake([...path, second], `has a ${first}, too: keep one`, { at: 'key' })];
    const fits = (first === 'file') === (kind === 'files');
    return fits ? checkKey({ file }, path, object) : [file.mistake([...path, first], `a ${first} is nothing that the connector ${kind} has`, { at: 'key' })];
  });
}

/** A primary key is named by its columns here. */
function checkKey({ file }: Pick<Page, 'file'>, path: Path, { table, query, file: described }: ConnectorObject): Mistake[] {
  if (file.valueAt([...path, 'primaryKey']) === undefined) return [];
  const part = table !== undefined ? 'table' : query !== undefined ? 'query' : 'file';
  const key = (table ?? query ?? described)?.key?.join(', ') ?? 'id';
  return [file.mistake([...path, 'primaryKey'], `write it as \`${part}.key\` here, for example ${part}: { …, key: ${key} }`, { at: 'key' })];
}

/** An account, in whatever profile, that is written as that of another kind is; credentials that stand in the open. */
export function checkPlaceText({ file }: Page, path: Path, kind: Kind): Mistake[] {
  const strangers = [...(kind === undefined ? [] : OF_HTTP), ...(kind === 'files' ? ['database'] : kind === undefined ? ['database', 'folder'] : ['folder'])];
  const [stranger] = strangers.filter((key) => file.valueAt([...path, key]) !== undefined);
  const database = file.valueAt([...path, 'database']);
  const at = [...path, 'database'];
  if (stranger !== undefined) return [file.mistake([...path, stranger], `${stranger} is nothing that ${nameOf(kind)} has`, { at: 'key' })];
  const limit = kind === undefined ? undefined : file.valueAt([...path, 'limits', 'requests']);
  const limits =
    limit === undefined
      ? []
      : [file.mistake([...path, 'limits', 'requests'], 'is for APIs that count requests: here `limits.concurrency` bounds the connections', { at: 'key' })];
  if (typeof database !== 'string' || kind !== 'postgres') return limits;
  if (settingNames(database).length > 0) return [...limits, file.mistake(at, 'settings (${env:…}) are not allowed here: write ${secret:NAME}')];
  if (secretNames(database).length > 0) return limits;
  return [...limits, file.mistake(at, 'the URL of a database holds its password: write ${secret:NAME}, and put postgres://… into .env')];
}

function nameOf(kind: Kind): string {
  if (kind === undefined) return 'a REST API';
  return kind === 'files' ? 'a folder of files' : 'a database';
}
