import { spawnSync } from 'node:child_process';

/** `npm run test:faults`: bad networks and bad answers, with the long figures. */
const paths = ['test/faults', 'test/e2e/trouble.test.ts', 'test/connectors', 'test/http'];
const { status } = spawnSync(process.execPath, ['scripts/test.ts', '--long', ...paths], { stdio: 'inherit' });
process.exit(status ?? 1);
