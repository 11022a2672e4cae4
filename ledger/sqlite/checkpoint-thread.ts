import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** The program of the thread that copies the write-ahead log of a database, once for each message, and answers when it has. */
const database = new DatabaseSync(String(workerData), { timeout: 50 });

parentPort?.on('message', () => {
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  parentPort?.postMessage('copied');
});
