import type { PageRule } from '../../../definition/schema/connector.ts';
import { pageSchema } from '../../../definition/schema/page.ts';
import { SyncError } from '../../../engine/errors.ts';
import type { Json } from '../../../engine/json.ts';
import type { HttpAnswer } from '../../../http/http-client.ts';
import { nextCursor } from '../../../http/paging.ts';
import type { SourceRecord } from '../../ports.ts';
import { compilePageFacts } from '../../rest/page-facts.ts';
import { shownCursor, withPage } from '../../rest/page-request.ts';
import { compileRecordReader } from '../../rest/record-reader.ts';
import type { RenderedRequest } from '../../rest/request-template.ts';
import type { Finding, ProbeReport } from './findings.ts';
import type { Ask } from './probe-list.ts';
import type { ReadRecords } from './read-records.ts';

export interface ProbedPages {
  readonly ask: Ask;
  /** The list's request but for the parameters of its page, over the cursor as templates see it. */
  readonly render: (cursor?: Json) => Promise<RenderedRequest>;
  readonly answer: HttpAnswer;
  readonly read: ReadRecords;
  readonly rule: PageRule;
  readonly where: string;
}

interface Candidate {
  readonly rule: PageRule;
  readonly written: { readonly [key: string]: Json };
  readonly why: string;
}

/** Fewer records than this are likely all there are. */
const FEWEST_OF_A_PAGE = 10;

/** Asks for a second page as the definition says; where that leads nowhere, in the ways that the first page suggests. */
export async function probePages(probed: ProbedPages): Promise<ProbeReport> {
  const { rule, read } = probed;
  if (read.records.length === 0) return told(true, 'not tried: there is no record');
  if (rule.type !== 'none') {
    const stated = await tryRule(probed, rule);
    if (stated === 'new records') return told(true, `the second page by "${rule.type}" has other records`);
    if (stated === 'end') return told(true, `by "${rule.type}" the first page is the last: try it where there are more records`);
  }
  const candidates = candidatesOf(probed);
  for (const { rule: other, written, why } of candidates) {
    if ((await tryRule(probed, other)) !== 'new records') continue;
    const finding: Finding = { subject: 'paging', isGood: false, said: `"${rule.type}" leads to no second page, but "${other.type}" does` };
    return { findings: [finding], proposals: [{ of: 'object', path: ['list', 'page'], value: written, why: `${why}; a second page was read` }] };
  }
  if (rule.type === 'none') return told(true, candidates.length === 0 ? 'nothing tells of more pages' : 'the first page is all, as far as can be told');
  return told(false, `"${rule.type}" leads to no second page: look into the documentation of the API`);
}

/** What the first page suggests; and where it says nothing and looks full, the two commonest ways. */
function candidatesOf({ rule, read, answer }: ProbedPages): readonly Candidate[] {
  const guessed = read.guess?.page;
  const likely = guessed === undefined ? [] : [candidate(guessed.value, guessed.why)];
  const isFull = read.records.length >= FEWEST_OF_A_PAGE;
  const common = [
    candidate({ type: 'page', param: 'page' }, 'no answer tells of pages'),
    candidate({ type: 'offset', param: 'offset' }, 'no answer tells of pages'),
  ];
  const all = guessed === undefined && isFull && answer.headers['link'] === undefined ? common : likely;
  return all.filter(({ rule: other }) => JSON.stringify(other) !== JSON.stringify(rule));
}

function candidate(written: { readonly [key: string]: Json }, why: string): Candidate {
  return { rule: pageSchema.parse(written), written, why };
}

/** Whether a rule leads to records that the first page did not have. */
async function tryRule({ ask, render, answer, read, where }: ProbedPages, rule: PageRule): Promise<'new records' | 'same records' | 'end' | 'refused'> {
  const reader = compileRecordReader({ primaryKey: read.primaryKey }, read.path, where);
  try {
    const first = await reader.readList(answer.body);
    const facts = await compilePageFacts(rule, read.path, where)(answer, first);
    const next = nextCursor(rule, undefined, facts);
    if (next === undefined) return 'end';
    const second = await ask(withPage(await render(shownCursor(rule, next)), rule, next));
    if (second.status < 200 || second.status > 299) return 'refused';
    return compare(first, await reader.readList(second.body));
  } catch (error) {
    if (error instanceof SyncError && error.code === 'CONTRACT_BROKEN') return 'refused';
    throw error;
  }
}

function compare(first: readonly SourceRecord[], second: readonly SourceRecord[]): 'new records' | 'same records' | 'end' {
  const known = new Set(first.map(({ key }) => key));
  if (second.length === 0) return 'end';
  return second.some(({ key }) => !known.has(key)) ? 'new records' : 'same records';
}

function told(isGood: boolean, said: string): ProbeReport {
  return { findings: [{ subject: 'paging', isGood, said }], proposals: [] };
}
