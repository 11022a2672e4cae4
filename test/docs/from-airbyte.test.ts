import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { runKit } from '../../connectors/kit/run-kit.ts';
import { connectorSchema } from '../../definition/schema/connector.ts';
import { GOOD, linesOf, loadFiles } from '../definition/make-project.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const PAGE = readFileSync(new URL('from-airbyte.md', DOCS), 'utf8');
const BLOCKS = [...PAGE.matchAll(/^```yaml\n# connectors\/([\w-]+)\.yaml\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => ({ name, text }));
const ROWS = [...PAGE.matchAll(/^\| (?!Airbyte |---)(.+?) \| (.+) \| (.+) \|$/gm)].map(([, option = '', here = '', example = '']) => ({
  option,
  here,
  example,
}));

/** What Airbyte's declarative schema can say: its components, their options, the words of its expressions. */
const OPTIONS =
  `NoAuth ApiKeyAuthenticator BasicHttpAuthenticator BearerAuthenticator OAuthAuthenticator refresh_token client_credentials scopes refresh_token_updater token_expiry_date
profile_assertion JwtAuthenticator SessionTokenAuthenticator SelectiveAuthenticator RateLimitedMultipleTokenAuthenticator CustomAuthenticator HttpRequester use_cache query_properties
RequestBodyPlainText RequestBodyUrlEncodedForm RequestBodyJsonObject RequestBodyGraphQL request_parameter header body_data body_json field_path RequestPath inject_into api_token
page_size_option page_token_option PageIncrement start_from_page inject_on_first_request OffsetIncrement CursorPagination cursor_value stop_condition CustomPaginationStrategy NoPagination
PaginationReset SPLIT_USING_CURSOR number_of_records is_data_feed DefaultErrorHandler CompositeErrorHandler response_filters HttpResponseFilter http_codes error_message_contains predicate
error_message failure_type SUCCESS FAIL RETRY IGNORE RATE_LIMITED RESET_PAGINATION REFRESH_TOKEN_THEN_RETRY max_retries ConstantBackoff ExponentialBackoff jitter WaitTimeFromHeader regex
max_waiting_time WaitUntilTimeFromHeader min_wait CustomBackoffStrategy HTTPAPIBudget FixedWindowCallRatePolicy MovingWindowCallRatePolicy UnlimitedCallRatePolicy matchers weight
ratelimit_reset_header ratelimit_remaining_header status_codes_for_ratelimit_hit ConcurrencyLevel stream_groups BlockSimultaneousSyncs max_concurrent_async_job_count DatetimeBasedCursor
cursor_field allow_catalog_defined cursor_datetime_formats start_datetime end_datetime MinMaxDatetime datetime_format cursor_granularity step lookback_window start_time_option
end_time_option partition_field_start partition_field_end is_client_side_incremental is_compare_strictly global_substream_cursor clamping IncrementingCountCursor start_value
start_value_option StateDelegatingStream api_retention_period migrations %s_as_float %epoch_microseconds ListPartitionRouter SubstreamPartitionRouter parent_key partition_field request_option
incremental_dependency lazy_read_pointer extra_fields GroupingPartitionRouter UnionPartitionRouter cartesian CustomPartitionRouter SimpleRetriever
ignore_stream_slicer_parameters_on_paginated_requests AsyncRetriever download_target status_mapping JsonDecoder JsonItemsDecoder JsonlDecoder IterableDecoder XmlDecoder CsvDecoder GzipDecoder
ZipfileDecoder CustomDecoder DpathExtractor ResponseToFileExtractor RecordExpander RecordFilter schema_normalization transform_before_filtering file_uploader AddFields RemoveFields
KeysToLower KeysToSnakeCase KeysReplace FlattenFields DpathFlattenFields CustomTransformation InlineSchemaLoader JsonFileSchemaLoader DynamicSchemaLoader CompositeSchemaLoader primary_key
ConditionalStreams dynamic_streams HttpComponentsResolver ConfigComponentsResolver ParametrizedComponentsResolver CheckStream CheckDynamicStream connection_specification advanced_auth
config_normalization_rules config parameters headers last_record last_page_size next_page_token record response creation_response polling_response stream_interval stream_partition
stream_slice components_values now_utc today_utc today_with_timezone timestamp str_to_datetime max min day_delta duration format_datetime sanitize_url camel_case_to_snake_case generate_uuid
hash hmac base64encode base64decode base64binascii_decode string regex_search regex_replace`.split(/\s+/);

describe('docs/from-airbyte.md', () => {
  it('names every option of the declarative schema', () => {
    const named = ROWS.map(({ option }) => option).join(' ');
    assert.deepEqual(
      OPTIONS.filter((option) => !new RegExp(`(?<![\\w%])${option}`).test(named)),
      [],
    );
  });

  it('has an example that exists for each of them, or says "not yet"', () => {
    for (const { option, here, example } of ROWS) {
      if (example === 'not yet') {
        assert.match(here, /not yet/, option);
        continue;
      }
      const links = [...example.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)];
      assert.ok(links.length > 0, `${option} has no example`);
      for (const [, file = '', anchor] of links) {
        const place = new URL(file === '' ? 'from-airbyte.md' : file, DOCS);
        assert.ok(existsSync(fileURLToPath(place)), `${option}: ${file}`);
        if (anchor !== undefined) assert.ok(anchorsOf(readFileSync(place, 'utf8')).includes(anchor), `${option}: ${file}#${anchor}`);
      }
    }
  });

  for (const { name, text } of BLOCKS) {
    it(`${name} is a connector without mistakes, and does what its exchanges show`, async (context) => {
      assert.match(PAGE, new RegExp(`\\[${name}\\]\\(#`), 'a row leads to it');
      assert.deepEqual(linesOf(loadFiles(context, { ...GOOD, [`connectors/${name}.yaml`]: text })), []);
      const connector = connectorSchema.parse(parse(text));
      const rows = await runKit(name, connector);
      const failed = rows.filter(({ verdict }) => verdict === 'failed');
      assert.deepEqual(
        failed.map(({ operation, name: row, sentence = '' }) => `${operation}, ${row}: ${sentence}`),
        [],
      );
      const played = rows.filter(({ operation, verdict }) => verdict === 'passed' && (operation === 'examples' || operation === 'errors'));
      assert.ok(played.length >= (connector.examples ?? connector.errors ?? []).length && played.length > 0, 'what it shows was played back');
    });
  }
});

/** As GitHub makes them of headings. */
function anchorsOf(page: string): readonly string[] {
  const headings = page.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]+/gu, '')
      .replaceAll(' ', '-'),
  );
}
