import type { ExportRule } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import { splitPath } from '../../engine/field-path.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { brokenContract, evaluateOnAnswer } from './broken-contract.ts';
import type { FileRow } from './export-rows.ts';
import { keyText } from './record-reader.ts';

type Mutable = { [key: string]: Json | Mutable | Json[] };
type Children = NonNullable<ExportRule['download']['children']>;

/** Puts rows that belong to a record into it: they follow it in the file. @param id in a row: by what those that belong to it name it */
export async function* withChildren(rows: AsyncIterable<FileRow>, { parent, into }: Children, id: string, where: string): AsyncGenerator<FileRow> {
  const [parentOf, idOf, path] = [compileExpression(parent), compileExpression(id), splitPath(into)];
  let open: { readonly row: Json; end: number; readonly known: Map<string, Mutable> } | undefined;
  for await (const { row, end } of rows) {
    const own = keyText(await evaluateOnAnswer(idOf, row, `${where}.children`));
    const owner = keyText(await evaluateOnAnswer(parentOf, row, `${where}.children.parent`));
    const node: Mutable = isJsonObject(row) ? { ...row } : {};
    if (owner === undefined) {
      if (open !== undefined) yield { row: open.row, end: open.end };
      open = { row: node, end, known: new Map(own === undefined ? [] : [[own, node]]) };
      continue;
    }
    const holder = open?.known.get(owner);
    if (open === undefined || holder === undefined) throw brokenContract(`${where}: a row does not follow the record that it belongs to.`);
    listAt(holder, path).push(node);
    if (own !== undefined) open.known.set(own, node);
    open.end = end;
  }
  if (open !== undefined) yield { row: open.row, end: open.end };
}

/** The list at a path of an object, made where it is not there yet. */
function listAt(holder: Mutable, path: readonly string[]): Json[] {
  let at: Mutable = holder;
  for (const step of path.slice(0, -1)) {
    const inner = at[step];
    const next: Mutable = isJsonObject(inner) ? { ...inner } : {};
    at[step] = next;
    at = next;
  }
  const last = path.at(-1) ?? '';
  const found = at[last];
  const list: Json[] = Array.isArray(found) ? found : [];
  at[last] = list;
  return list;
}
