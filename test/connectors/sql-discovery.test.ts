import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, resolved } from './connect.ts';
import { testDatabases } from './sql-databases.ts';

const makers = testDatabases();

for (const kind of ['postgres', 'sqlite'] as const) {
  describe(`the catalogue of a database, ${kind}`, () => {
    it('tells the columns of a table: types, what a row needs, what the database sets by itself, and references', async (context) => {
      const database = await makers[kind]();
      await database.run('CREATE TABLE companies (id integer PRIMARY KEY, name text NOT NULL)');
      if (kind === 'postgres') await database.run("CREATE TYPE stage AS ENUM ('lead', 'won')");
      await database.run(`CREATE TABLE people (
        id integer ${kind === 'postgres' ? 'GENERATED ALWAYS AS IDENTITY PRIMARY KEY' : 'PRIMARY KEY'}, mail varchar(80) NOT NULL, amount numeric(12,2) NOT NULL DEFAULT 0,
        born date, vip boolean, seen timestamp, stage ${kind === 'postgres' ? 'stage' : 'text'}, company integer REFERENCES companies (id),
        twice numeric GENERATED ALWAYS AS (amount * 2) STORED)`);
      const connection = resolved('', { kind, database: database.place, objects: { contacts: { table: { name: 'people' } } } });
      const { discover } = connect(context, connection);
      assert.deepEqual(await discover?.objects(), ['contacts', 'companies']);
      const expected = [
        { name: 'id', type: 'integer', isRequired: false, isReadOnly: kind === 'postgres' },
        { name: 'mail', type: 'string', isRequired: true, isReadOnly: false },
        { name: 'amount', type: 'number', isRequired: false, isReadOnly: false },
        { name: 'born', type: 'date', isRequired: false, isReadOnly: false },
        { name: 'vip', type: 'boolean', isRequired: false, isReadOnly: false },
        { name: 'seen', type: 'datetime', isRequired: false, isReadOnly: false },
        kind === 'postgres'
          ? { name: 'stage', type: 'enum', isRequired: false, isReadOnly: false, values: ['lead', 'won'] }
          : { name: 'stage', type: 'string', isRequired: false, isReadOnly: false },
        { name: 'company', type: 'reference', isRequired: false, isReadOnly: false },
        { name: 'twice', type: 'number', isRequired: false, isReadOnly: true },
      ];
      assert.deepEqual(await discover?.fields('contacts'), { origin: 'catalogue', facts: expected });
    });

    it('also tells tables that the connection does not describe, and statements; what is none of them is told of', async (context) => {
      const database = await makers[kind]();
      await database.run('CREATE TABLE notes (id integer PRIMARY KEY, body text NOT NULL)');
      const objects = {
        few: { query: { select: 'SELECT id, body AS words FROM notes;', key: ['id'] } },
        later: { table: { name: 'later', createTable: true } },
      };
      const { discover } = connect(context, resolved('', { kind, database: database.place, objects }));
      assert.deepEqual(await discover?.objects(), ['few', 'later', 'notes']);
      assert.deepEqual(
        (await discover?.fields('notes'))?.facts.map(({ name }) => name),
        ['id', 'body'],
      );
      assert.deepEqual(
        (await discover?.fields('few'))?.facts.map(({ name, type }) => [name, type]),
        [
          ['id', 'integer'],
          ['words', 'string'],
        ],
      );
      assert.deepEqual(await discover?.fields('later'), { origin: 'catalogue', facts: [] });
      await assert.rejects(async () => discover?.fields('note'), /has neither an object nor a table "note" \(did you mean "notes"\?\)/);
    });
  });
}
