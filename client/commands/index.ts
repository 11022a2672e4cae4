import type { RegisteredCommand } from '../command.ts';

/** In the order of the help page. Each is loaded when it is named: all of them take twice as long to load as one. */
const COMMANDS: Readonly<Record<string, () => Promise<RegisteredCommand>>> = {
  init: async () => (await import('./init.ts')).initCommand,
  check: async () => (await import('./check.ts')).checkCommand,
  schema: async () => (await import('./schema.ts')).schemaCommand,
  discover: async () => (await import('./discover.ts')).discoverCommand,
  automap: async () => (await import('./automap.ts')).automapCommand,
  connector: async () => (await import('./connector.ts')).connectorCommand,
  login: async () => (await import('./login.ts')).loginCommand,
  logout: async () => (await import('./logout.ts')).logoutCommand,
  plan: async () => (await import('./plan.ts')).planCommand,
  apply: async () => (await import('./apply.ts')).applyCommand,
  adopt: async () => (await import('./adopt.ts')).adoptCommand,
  run: async () => (await import('./run.ts')).runCommand,
  retry: async () => (await import('./retry.ts')).retryCommand,
  resync: async () => (await import('./resync.ts')).resyncCommand,
  backfill: async () => (await import('./backfill.ts')).backfillCommand,
  reconcile: async () => (await import('./reconcile.ts')).reconcileCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  top: async () => (await import('./top.ts')).topCommand,
  runs: async () => (await import('./runs.ts')).runsCommand,
  show: async () => (await import('./show.ts')).showCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  errors: async () => (await import('./errors.ts')).errorsCommand,
  records: async () => (await import('./records.ts')).recordsCommand,
  logs: async () => (await import('./logs.ts')).logsCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  audit: async () => (await import('./audit.ts')).auditCommand,
  alerts: async () => (await import('./alerts.ts')).alertsCommand,
  pause: async () => (await import('./pause.ts')).pauseCommand,
  resume: async () => (await import('./resume.ts')).resumeCommand,
  tune: async () => (await import('./tune.ts')).tuneCommand,
  cancel: async () => (await import('./cancel.ts')).cancelCommand,
  schedule: async () => (await import('./schedule.ts')).scheduleCommand,
  unknown: async () => (await import('./unknown.ts')).unknownCommand,
  conflicts: async () => (await import('./conflicts.ts')).conflictsCommand,
  deletes: async () => (await import('./deletes.ts')).deletesCommand,
  ledger: async () => (await import('./ledger.ts')).ledgerCommand,
  dev: async () => (await import('./dev.ts')).devCommand,
  worker: async () => (await import('./worker.ts')).workerCommand,
  listen: async () => (await import('./listen.ts')).listenCommand,
  rollout: async () => (await import('./rollout.ts')).rolloutCommand,
  codec: async () => (await import('./codec.ts')).codecCommand,
};

/** What a command line may need: the command that it begins with, none for the version; help, options in front and mistakes all of them. */
export function commandsFor([first = '']: readonly string[]): Promise<readonly RegisteredCommand[]> {
  if (first === '--version') return Promise.resolve([]);
  const named = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  return Promise.all((named === undefined ? Object.values(COMMANDS) : [named]).map((load) => load()));
}
