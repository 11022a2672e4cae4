import { after, afterEach, before } from 'node:test';
import { createDatabase, dropDatabase, PostgresServer } from './postgres.ts';

/** Makes PostgreSQL databases that are gone when their test ends; on the suite's server, or on one of the file's own. Call it at the top of a test file. */
export function temporaryDatabases(): () => Promise<string> {
  const made: string[] = [];
  let url = process.env['SYNCLINE_TEST_POSTGRES'];
  let own: PostgresServer | undefined;
  before(async () => {
    if (url !== undefined) return;
    own = await PostgresServer.start();
    url = own.url('postgres');
  });
  afterEach(async () => {
    for (const database of made.splice(0)) await dropDatabase(database);
  });
  after(() => own?.stop());
  return async () => {
    const database = await createDatabase(url ?? '');
    made.push(database);
    return database;
  };
}
