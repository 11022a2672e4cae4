import type { ChannelAnswer, ChannelMessage } from '../connectors/channels/port.ts';
import type { WebhookChannel } from '../definition/schema/channels.ts';
import { parseSyncScope } from '../engine/ids.ts';
import type { JsonObject } from '../engine/json.ts';
import type { Run } from '../ledger/ledger.ts';
import type { RunOutcome } from '../ledger/outcome-store.ts';
import type { ResultsPlace, SendResultsInput, SendResultsResult } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { fixedSentence } from './fixed-sentence.ts';
import { whileBeating } from './heartbeat.ts';
import { openRunContext } from './run-context.ts';

const RECORDS_A_PAGE = 500;
/** So that how far it is gets into history now and then. */
const PAGES_AT_ONCE = 20;

interface Receiver {
  readonly channel: WebhookChannel;
  readonly outcomes: 'all' | 'failed' | 'none';
}

/** Posts what became of a run; see `Activities.sendResults`. */
export async function sendResults(dependencies: ActivityDependencies, { ofRun, place = { page: 0 } }: SendResultsInput): Promise<SendResultsResult> {
  const run = await dependencies.ledger.readRun(ofRun);
  const receiver = run === undefined ? undefined : await receiverOf(dependencies, run);
  if (run === undefined || receiver === undefined) return { isDone: true };
  return whileBeating(
    dependencies,
    undefined,
    () => undefined,
    () => sendFrom(dependencies, receiver, run, place),
  );
}

/** Whether anybody wants the results of a run, by its own definition. */
export async function hasResults(dependencies: ActivityDependencies, run: Run): Promise<boolean> {
  return (await receiverOf(dependencies, run)) !== undefined;
}

async function receiverOf(dependencies: ActivityDependencies, run: Run): Promise<Receiver | undefined> {
  if (run.definitionHash === undefined) return undefined;
  const { definition } = await openRunContext(dependencies, run.id);
  const channel = definition.results === undefined ? undefined : definition.channels?.[definition.results.to];
  if (definition.results === undefined || channel?.type !== 'webhook') return undefined;
  return { channel, outcomes: definition.results.outcomes };
}

async function sendFrom(dependencies: ActivityDependencies, receiver: Receiver, run: Run, from: ResultsPlace): Promise<SendResultsResult> {
  let place = from;
  for (let sent = 0; sent < PAGES_AT_ONCE; sent++) {
    const { message, next } = await messageAt(dependencies, receiver, run, place);
    const answer = message === undefined ? undefined : await dependencies.channels.post(receiver.channel, message);
    if (message !== undefined && answer !== undefined) tell(dependencies, run, message, answer);
    if (answer?.isTaken === false) return { isDone: false, place, again: answer.isWorthRepeating ? 'soon' : 'later' };
    if (next === undefined) return { isDone: true };
    place = next;
  }
  return { isDone: false, place };
}

/** The first message has the counts, each that follows a page of outcomes. Of one place it is always the same. */
async function messageAt(
  { ledger }: ActivityDependencies,
  { outcomes }: Receiver,
  run: Run,
  { page, after }: ResultsPlace,
): Promise<{ readonly message?: ChannelMessage; readonly next?: ResultsPlace }> {
  const next = outcomes === 'none' ? {} : { next: { page: page + 1 } };
  if (page === 0) return { message: messageOf(run, page, 'run.finished', summaryOf(run)), ...next };
  const isFailedOnly = outcomes === 'failed';
  const found = await ledger.listRunOutcomes(run.id, { limit: RECORDS_A_PAGE, isFailedOnly, ...(after === undefined ? {} : { after }) });
  if (found.outcomes.length === 0) return {};
  const data = { page, isLast: found.next === undefined, outcomes: found.outcomes.map(shownOutcome) };
  return { message: messageOf(run, page, 'run.outcomes', data), ...(found.next === undefined ? {} : { next: { page: page + 1, after: found.next } }) };
}

function messageOf(run: Run, page: number, type: string, data: JsonObject): ChannelMessage {
  const timestamp = new Date(run.endedAt ?? run.requestedAt).toISOString();
  return { id: `msg_${run.id}_${page}`, body: { type, timestamp, data: { run: run.id, ...parseSyncScope(run.scope), ...data } } };
}

function summaryOf({ state, trigger, startedAt, endedAt, totals, failure }: Run): JsonObject {
  const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
  const why = failure === undefined ? {} : { failure: { code: failure.code, message: fixedSentence(failure.code) } };
  return { state, trigger, startedAt: time(startedAt), endedAt: time(endedAt), totals: { ...totals }, ...why };
}

function shownOutcome({ key, outcome, kind, targetId, reason, rejection }: RunOutcome): JsonObject {
  return {
    key,
    outcome,
    ...(kind === undefined ? {} : { kind }),
    ...(targetId === undefined ? {} : { targetId }),
    ...(reason === undefined ? {} : { reason }),
    ...(rejection === undefined ? {} : { error: rejection.message, ...(rejection.apiCode === undefined ? {} : { code: rejection.apiCode }) }),
  };
}

function tell({ log }: ActivityDependencies, { id: runId, scope }: Run, { id: message }: ChannelMessage, { isTaken, said }: ChannelAnswer): void {
  if (isTaken) log.info({ runId, scope, message, answer: said }, 'results were sent');
  else log.warn({ runId, scope, message, answer: said }, 'results were not taken; they will be sent again');
}
