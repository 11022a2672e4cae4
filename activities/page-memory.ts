import type { Page, Source } from '../connectors/ports.ts';
import { canonicalJson } from '../engine/content-hash.ts';
import { isAside } from '../engine/run.ts';
import { ShapeMeter } from '../engine/shape-meter.ts';
import type { RememberedPage, RememberedRecord } from '../ledger/page-memory.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { PreparedPage } from './prepare-page.ts';
import type { ReadPage } from './read-page.ts';
import type { RunContext } from './run-context.ts';

type Context = Pick<RunContext, 'definition' | 'run' | 'references' | 'scope' | 'used' | 'sensitiveFields'>;
type Dependencies = Pick<ActivityDependencies, 'ledger' | 'sha256' | 'now'>;
type Asked = Omit<Parameters<Source['readPage']>[0], 'validators'>;

/** What comes of a record by these differs from run to run. */
const CLOCKS = /\$(now|millis|toMillis)\b/;

/**
 * Asks for a page by the validators that it came with the last time, where nothing but the page itself could change what becomes of its records: then a page that is still the
 * same is not read, mapped or compared again.
 */
export class PageMemory {
  readonly #dependencies: Dependencies;
  readonly #context: Context;
  readonly #isUsed: boolean;
  /** Pages that came, by place, until they are staged. */
  readonly #came = new Map<string, Page>();
  #basis: Promise<string> | undefined;
  /** The last answer said nothing of its version: neither will the next one, and to look for one takes longer than to send a request. */
  #saysNone = false;

  constructor(dependencies: Dependencies, context: Context) {
    const { definition, run, references } = context;
    const { source, mapping } = definition.sync;
    this.#dependencies = dependencies;
    this.#context = context;
    this.#isUsed =
      !isAside(run.options) &&
      run.options.full !== true &&
      source.slices === undefined &&
      references.size === 0 &&
      !CLOCKS.test(JSON.stringify([source, mapping]));
  }

  /** @param isAnew whatever is remembered of it */
  async read(source: Source, asked: Asked, isAnew: boolean): Promise<ReadPage> {
    if (!this.#isUsed) return source.readPage(asked);
    if (this.#saysNone) return this.#noted(await source.readPage(asked));
    const place = this.#dependencies.sha256(canonicalJson([{ ...asked.window }, asked.cursor ?? null]));
    const known = isAnew ? undefined : await this.#readKnown(place);
    const page = await source.readPage({ ...asked, ...(known === undefined ? {} : { validators: validatorsOf(known) }) });
    if (known !== undefined && page.isNotModified === true)
      return { ...page, next: known.next, remembered: known, ...(known.total === undefined ? {} : { total: known.total }) };
    if (this.#noted(page).validators === undefined) return page;
    this.#came.set(place, page);
    return { ...page, place };
  }

  #noted(page: Page): Page {
    this.#saysNone = page.validators === undefined;
    return page;
  }

  /** Once it is staged: a page with a record that was refused or held is read again. */
  async keep({ place, records }: ReadPage, prepared: PreparedPage): Promise<void> {
    const page = place === undefined ? undefined : this.#came.get(place);
    if (place === undefined || page?.validators === undefined) return;
    this.#came.delete(place);
    const remembered = prepared.records.map((record) => rememberedOf(record, prepared.hashes));
    if (remembered.some((record) => record === undefined)) return;
    const { definition, scope, used, sensitiveFields } = this.#context;
    const meter = new ShapeMeter(
      undefined,
      used.map(({ path }) => path),
    );
    for (const { fields } of records) meter.observe(fields);
    await this.#dependencies.ledger.rememberPage({
      scope,
      place,
      page: {
        basis: await this.#readBasis(),
        validators: page.validators,
        records: remembered.flatMap((record) => record ?? []),
        next: page.next,
        total: page.total,
        maxCursorValue: prepared.maxCursorValue,
        shape: meter.shape(),
      },
      isSealed: definition.values !== 'plain' || sensitiveFields.length > 0,
      at: this.#dependencies.now(),
    });
  }

  /** @returns undefined where the page must be read: the target may have been told something else of a record meanwhile, or not what it was to be told */
  async #readKnown(place: string): Promise<RememberedPage | undefined> {
    const { ledger } = this.#dependencies;
    const { scope } = this.#context;
    const page = await ledger.readRememberedPage(scope, place);
    if (page === undefined || page.basis !== (await this.#readBasis())) return undefined;
    const told = await ledger.readRecords(
      scope,
      page.records.map(({ key }) => key),
    );
    const isAsTold = (record: RememberedRecord) => {
      const state = told.get(record.key);
      if (!('contentHash' in record)) return state?.hasUnknown !== true;
      return state?.contentHash === record.contentHash && !state.hasUnknown;
    };
    return page.records.every(isAsTold) ? page : undefined;
  }

  #readBasis(): Promise<string> {
    const { ledger, sha256 } = this.#dependencies;
    const { definition, run } = this.#context;
    const hasLookups = Object.keys(definition.sync.lookups).length > 0;
    this.#basis ??= (hasLookups ? ledger.digestLookups(run.id) : Promise.resolve('')).then((lookups) => sha256(`${run.definitionHash ?? ''}${lookups}`));
    return this.#basis;
  }
}

function validatorsOf({ validators: { etag, lastModified } }: RememberedPage) {
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

function rememberedOf(record: PreparedPage['records'][number], hashes: PreparedPage['hashes']): RememberedRecord | undefined {
  const { key, disposition } = record;
  if (disposition === 'skipped') return { key, reason: record.reason };
  const contentHash = disposition === 'change' || disposition === 'unchanged' ? hashes.get(key) : undefined;
  return contentHash === undefined ? undefined : { key, contentHash };
}
