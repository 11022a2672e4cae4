import { openLedger } from '../../../ledger/open-ledger.ts';
import { auditInput } from './audit-input.ts';

/** A process of its own that adds to the audit log of a shared ledger, so many times: `URL DIRECTORY NAME COUNT`. */
const [url = '', directory = '', name = '', count = '0'] = process.argv.slice(2);
const ledger = await openLedger({ url, directory, values: 'plain' });
for (let n = 0; n < Number(count); n++) await ledger.appendAudit(auditInput({ user: name, at: Date.now(), details: { n } }));
await ledger.close();
