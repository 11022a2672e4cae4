import { describe } from 'node:test';
import { openLedger } from '../../ledger/open-ledger.ts';
import type { ValuePolicy } from '../../ledger/vault.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { ledgerConformance } from './conformance/index.ts';
import { temporaryFolders } from './support/folders.ts';

const makeFolder = temporaryFolders();
const makeDatabase = temporaryDatabases();
const open = async (values: ValuePolicy) => openLedger({ url: await makeDatabase(), directory: makeFolder(), values });

describe('the PostgreSQL ledger', () => ledgerConformance((values = 'plain') => open(values)));
