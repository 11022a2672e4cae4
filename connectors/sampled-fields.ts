import { inferFacts } from '../engine/infer-facts.ts';
import type { DiscoveredFields, Source } from './ports.ts';

/** The fields of an object as the records of its first page show them: what no record has is not among them. */
export async function sampledFields(source: Source, signal?: AbortSignal): Promise<DiscoveredFields> {
  const { records } = await source.readPage({ window: {}, cursor: undefined, ...(signal === undefined ? {} : { signal }) });
  return { facts: inferFacts(records.map(({ fields }) => fields)), origin: 'sample' };
}
