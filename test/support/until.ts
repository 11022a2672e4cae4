/** Only a test that fails waits this long. Machines that others use as well have been seen to take a minute for what takes a second. */
export const PATIENCE_MS = 300_000;

/** Of requests that are to be answered: what takes long is the machine. */
export const PATIENT_TIMEOUTS = { connectMs: 60_000, headersMs: 60_000, bodyMs: 60_000, requestMs: 60_000 };

/** Polls until `check` holds. @throws Error after five minutes, naming what was waited for */
export async function until(what: string | (() => string), check: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited ${PATIENCE_MS / 1000} s for ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
