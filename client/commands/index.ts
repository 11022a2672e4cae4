import type { RegisteredCommand } from '../command.ts';
import { adoptCommand } from './adopt.ts';
import { alertsCommand } from './alerts.ts';
import { applyCommand } from './apply.ts';
import { auditCommand } from './audit.ts';
import { automapCommand } from './automap.ts';
import { backfillCommand } from './backfill.ts';
import { cancelCommand } from './cancel.ts';
import { checkCommand } from './check.ts';
import { codecCommand } from './codec.ts';
import { conflictsCommand } from './conflicts.ts';
import { connectorCommand } from './connector.ts';
import { deletesCommand } from './deletes.ts';
import { devCommand } from './dev.ts';
import { discoverCommand } from './discover.ts';
import { errorsCommand } from './errors.ts';
import { explainCommand } from './explain.ts';
import { initCommand } from './init.ts';
import { ledgerCommand } from './ledger.ts';
import { listenCommand } from './listen.ts';
import { loginCommand } from './login.ts';
import { logoutCommand } from './logout.ts';
import { logsCommand } from './logs.ts';
import { pauseCommand } from './pause.ts';
import { planCommand } from './plan.ts';
import { reconcileCommand } from './reconcile.ts';
import { recordsCommand } from './records.ts';
import { reportCommand } from './report.ts';
import { resumeCommand } from './resume.ts';
import { resyncCommand } from './resync.ts';
import { retryCommand } from './retry.ts';
import { rolloutCommand } from './rollout.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { scheduleCommand } from './schedule.ts';
import { schemaCommand } from './schema.ts';
import { showCommand } from './show.ts';
import { statusCommand } from './status.ts';
import { topCommand } from './top.ts';
import { tuneCommand } from './tune.ts';
import { unknownCommand } from './unknown.ts';
import { workerCommand } from './worker.ts';

/** In the order of the help page. */
export const commands: readonly RegisteredCommand[] = [
  initCommand,
  checkCommand,
  schemaCommand,
  discoverCommand,
  automapCommand,
  connectorCommand,
  loginCommand,
  logoutCommand,
  planCommand,
  applyCommand,
  adoptCommand,
  runCommand,
  retryCommand,
  resyncCommand,
  backfillCommand,
  reconcileCommand,
  statusCommand,
  topCommand,
  runsCommand,
  showCommand,
  reportCommand,
  errorsCommand,
  recordsCommand,
  logsCommand,
  explainCommand,
  auditCommand,
  alertsCommand,
  pauseCommand,
  resumeCommand,
  tuneCommand,
  cancelCommand,
  scheduleCommand,
  unknownCommand,
  conflictsCommand,
  deletesCommand,
  ledgerCommand,
  devCommand,
  workerCommand,
  listenCommand,
  rolloutCommand,
  codecCommand,
];
