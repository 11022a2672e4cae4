import type { Session } from './session.ts';

/** Advisory locks of PostgreSQL are known by two numbers: what is locked, and which. Each is kept until its transaction ends, and is the first thing that it takes. */
const SCOPE = 7301;
const ACCOUNT = 7302;
const AUDIT = 7303;

/**
 * Staging, ending and deciding change what a whole scope has: nobody else works on it meanwhile. Claiming and settling share it among each other, as no two of them ever
 * have the same record.
 */
export function lockScope(session: Session, scope: string): Promise<unknown> {
  return session.get(`SELECT pg_advisory_xact_lock(${SCOPE}, hashtext($1)) IS NULL AS done`, scope);
}

export function lockScopeOfRun(session: Session, runId: string): Promise<unknown> {
  return session.get(`SELECT pg_advisory_xact_lock(${SCOPE}, hashtext(scope)) IS NULL AS done FROM runs WHERE id = $1`, runId);
}

export function shareScopeOfRun(session: Session, runId: string): Promise<unknown> {
  return session.get(`SELECT pg_advisory_xact_lock_shared(${SCOPE}, hashtext(scope)) IS NULL AS done FROM runs WHERE id = $1`, runId);
}

export function shareScopeOfBatch(session: Session, batchId: string): Promise<unknown> {
  return session.get(`SELECT pg_advisory_xact_lock_shared(${SCOPE}, hashtext(scope)) IS NULL AS done FROM batches WHERE id = $1`, batchId);
}

/** The limits of an account are divided by one at a time. */
export function lockAccount(session: Session, account: string): Promise<unknown> {
  return session.get(`SELECT pg_advisory_xact_lock(${ACCOUNT}, hashtext($1)) IS NULL AS done`, account);
}

/** The audit log is added to by one at a time: each entry has the hash of the one before. */
export function lockAudit(session: Session): Promise<unknown> {
  return session.get(`SELECT pg_advisory_xact_lock(${AUDIT}, 0) IS NULL AS done`);
}
