import { describe } from 'node:test';
import { openLedger } from '../../ledger/open-ledger.ts';
import { ledgerConformance } from './conformance/index.ts';
import { temporaryFolders } from './support/folders.ts';

const makeFolder = temporaryFolders();

describe('the SQLite ledger', () => ledgerConformance((values = 'plain') => openLedger({ url: 'sqlite', directory: makeFolder(), values })));
describe('the SQLite ledger, encrypted', () => ledgerConformance((values = 'encrypted') => openLedger({ url: 'sqlite', directory: makeFolder(), values })));
