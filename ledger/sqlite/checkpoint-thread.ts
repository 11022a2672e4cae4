import { fsyncSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** Where Linux tells which files a process has open; others have no such place. */
const DESCRIPTORS = '/proc/self/fd';

/** The program of the thread that copies the write-ahead log of a database, once for each message, and answers when it has. */
const path = String(workerData);
const database = new DatabaseSync(path, { timeout: 50 });

parentPort?.on('message', () => {
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  writeOut();
  parentPort?.postMessage('copied');
});

/**
 * Has the disk take what was copied. SQLite does so only with the last page of the log, while the work stands still for all of it. By a descriptor that SQLite has open
 * itself: to close one of our own would take away the locks of this process.
 */
function writeOut(): void {
  try {
    const file = realpathSync(path);
    const descriptor = readdirSync(DESCRIPTORS).find((name) => targetOf(name) === file);
    if (descriptor !== undefined) fsyncSync(Number(descriptor));
  } catch {
    // Then it is done later, and the work waits for it.
  }
}

function targetOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(`${DESCRIPTORS}/${descriptor}`);
  } catch {
    return undefined; // closed meanwhile
  }
}
