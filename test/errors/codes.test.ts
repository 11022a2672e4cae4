import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { exitCodeOf } from '../../client/exit-codes.ts';
import { ERROR_CODES, type ErrorCode, SyncError } from '../../engine/errors.ts';
import { API_SCENARIOS } from './api-scenarios.ts';
import { OWN_SCENARIOS } from './own-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { Stage } from './stage.ts';

/** Each code, and how it comes about. */
const SCENARIOS: Readonly<Record<ErrorCode, Scenario>> = { ...API_SCENARIOS, ...OWN_SCENARIOS };

/** The sections of docs/errors.md by their headings. */
const SECTIONS = new Map(
  readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] ?? '', section.slice(section.indexOf('\n')).trim()]),
);

describe('each error code', () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());

  for (const code of ERROR_CODES) {
    const { retry, sentence, exit, play } = SCENARIOS[code];
    it(`${code} is had for real: ${retry.toLowerCase()}, ${exit === undefined ? 'without an end of its own' : `exit code ${exit}`}`, async (context) => {
      stage.reset();
      const ended = await play(stage, context);
      if (ended instanceof SyncError) assertError(ended, code);
      else assert.deepEqual({ exit: ended.exit, text: ended.text }, { exit, text: ended.text });
      assert.match(ended instanceof SyncError ? ended.message : ended.text, sentence);
      if (retry.startsWith('Final') && !(ended instanceof SyncError)) assert.match(ended.text, new RegExp(`\\b${code}\\b`));
      assert.ok(SECTIONS.get(code)?.startsWith(`${retry}.`), `docs/errors.md says: ${SECTIONS.get(code)?.slice(0, 80)}`);
      const told = /Exit code (\d)/.exec(SECTIONS.get(code) ?? '')?.[1];
      if (told !== undefined) assert.deepEqual([Number(told), exitCodeOf(code)], [exit, exit]);
    });
  }
});

/** One that a person reads in the Web UI at most. */
function assertError(error: SyncError, code: ErrorCode): void {
  assert.equal(error.code, code);
  assert.match(error.message, /^[A-Z\w].*\.$/);
}
