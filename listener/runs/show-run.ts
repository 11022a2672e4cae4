import { z } from 'zod';
import { EXIT, EXIT_MEANINGS } from '../../client/exit-codes.ts';
import { isOpen } from '../../client/following/run-snapshot.ts';
import { JSON_SCHEMA_VERSION } from '../../client/output/output.ts';
import { readReport } from '../../client/reports/read-report.ts';
import { reportExitCode } from '../../client/reports/report-exit-code.ts';
import { reportDocument } from '../../client/reports/run-report.ts';
import { problem, type Route } from '../serving/answer.ts';
import { answerFailure, type RunRoutesOptions, refuseStranger } from './start-run.ts';

const documentSchema = z.record(z.string(), z.json());
export const SHOW_PATH = /^\/v1\/runs\/([^/]+)$/;

/** `GET /v1/runs/RUN`: what `syncline show RUN --json` prints, with the exit code that the run deserves once it is over. */
export function showRuns({ cli, tokens }: RunRoutesOptions): Route {
  return async (asked) => {
    const stranger = refuseStranger(asked, tokens);
    if (stranger !== undefined) return stranger;
    try {
      const { name, profile, redact } = await cli.session.project();
      const id = SHOW_PATH.exec(asked.path)?.[1] ?? '';
      const run = await (await cli.session.ledger()).readRun(id);
      if (run?.scope.startsWith(`${name}/${profile}/`) !== true) return problem(404, `There is no such run in ${name}/${profile}.`);
      const report = await readReport(cli, run);
      const isOver = !isOpen(run.state);
      const code = isOver ? reportExitCode(report) : run.sweep?.state === 'waiting' ? EXIT.waiting : undefined;
      const exit = { isOver, exitCode: code ?? null, exitMeaning: code === undefined ? null : EXIT_MEANINGS[code] };
      const text = redact(JSON.stringify({ schemaVersion: JSON_SCHEMA_VERSION, ...reportDocument(report), ...exit }));
      return { status: 200, body: documentSchema.parse(JSON.parse(text)) };
    } catch (error) {
      return answerFailure(error);
    }
  };
}
