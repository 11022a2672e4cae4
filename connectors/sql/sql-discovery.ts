import type { ResolvedConnection } from '../../definition/resolved.ts';
import { type FieldFacts, fieldTypeOf } from '../../engine/field-facts.ts';
import { didYouMean } from '../../engine/suggest.ts';
import type { DiscoveredFields, Discovery } from '../ports.ts';
import type { Column, Database, RowShape } from './database.ts';
import { noTable } from './sql-source.ts';
import { invalid } from './sql-trouble.ts';

/** Tells the tables of a database and their columns by its catalogue; also of tables that the connection does not describe. */
export function openSqlDiscovery(database: Database, { name: connection, objects }: ResolvedConnection): Discovery {
  const undescribed = async () => {
    const described = new Set(Object.entries(objects).flatMap(([name, { table }]) => [name, ...(table === undefined ? [] : [table.name])]));
    return (await database.listTables()).filter((table) => !described.has(table));
  };

  const fields = async (objectName: string): Promise<DiscoveredFields> => {
    const where = `${connection}.${objectName}`;
    const object = Object.hasOwn(objects, objectName) ? objects[objectName] : undefined;
    if (object?.query !== undefined) return known(await database.describeQuery(object.query.select.trim().replace(/;+$/, ''), where));
    const table = object?.table?.name ?? objectName;
    const shape = await database.describeTable(table);
    if (shape !== undefined) return known(shape);
    if (object === undefined) throw noObject(connection, objectName, [...Object.keys(objects), ...(await undescribed())]);
    // What is made with the first records has no columns yet.
    if (object.table?.createTable === true) return known({ columns: [] });
    throw await noTable(database, table, where);
  };

  return { objects: async () => [...Object.keys(objects), ...(await undescribed())], fields };
}

function known({ columns }: Pick<RowShape, 'columns'>): DiscoveredFields {
  return { facts: columns.map(factsOf), origin: 'catalogue' };
}

function factsOf({ name, type: written, isRequired, hasDefault = false, isReadOnly = false, isReference = false, values }: Column): FieldFacts {
  const type = values !== undefined ? 'enum' : isReference ? 'reference' : fieldTypeOf(written);
  return {
    name,
    ...(type === undefined ? {} : { type }),
    isRequired: isRequired && !hasDefault && !isReadOnly,
    isReadOnly,
    ...(values === undefined ? {} : { values }),
  };
}

function noObject(connection: string, name: string, all: readonly string[]): Error {
  return invalid(`Connection ${connection} has neither an object nor a table "${name}"${didYouMean(name, all)}.`);
}
