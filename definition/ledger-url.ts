import type { Environment } from './environment.ts';
import { resolveSecrets, resolveSettings, withoutReferences } from './secrets.ts';

const OVERRIDE = 'SYNCLINE_LEDGER';

/** What SYNCLINE_LEDGER says: it goes before `ledger` in syncline.yaml. It may hold a password. */
export function ledgerOverride(environment: Environment): string | undefined {
  return environment.secret(OVERRIDE);
}

/** Where the ledger of a project is. @param written `ledger` of syncline.yaml @throws SyncError SECRET_MISSING */
export function ledgerUrl(written: string | undefined, environment: Environment): string {
  return ledgerOverride(environment) ?? String(resolveSecrets(resolveSettings(written ?? 'sqlite', environment), environment));
}

/** What is wrong with `ledger` of syncline.yaml, if anything is; what a secret holds is seen when it is opened. */
export function ledgerMistake(written: string, environment: Environment): string | undefined {
  if (written.includes('${secret:')) return undefined;
  const plain = withoutReferences(written, environment);
  if (/^postgres(?:ql)?:\/\/[^/@]*:[^/@]*@/.test(plain))
    return 'a password does not belong into this file: write "${secret:LEDGER_URL}", and the URL into the environment or .env';
  if (/^(?:sqlite(?::.+)?|postgres(?:ql)?:\/\/.+)$/.test(plain)) return undefined;
  return `"${plain}" is no ledger: use "sqlite", "sqlite:PATH", or "\${secret:LEDGER_URL}" with postgres://USER:PASSWORD@HOST/DATABASE in that secret`;
}
