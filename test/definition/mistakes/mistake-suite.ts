import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changed, linesOf, loadFiles } from '../make-project.ts';

export const SYNC = 'syncs/contacts.yaml';
export const CRM = 'connections/crm.yaml';
export const SHOP = 'connections/shop.yaml';
export const API = 'connectors/shop.yaml';

type Case = readonly [name: string, file: string, from: string, to: string, ...lines: readonly string[]];

/** In the good project something is replaced: these are its mistakes. */
export function suite(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    for (const [title, file, from, to, ...lines] of cases) {
      it(title, (test) => assert.deepEqual(linesOf(loadFiles(test, changed({ [file]: [[from, to]] }))), lines));
    }
  });
}
