import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../worker/settings.ts';
import { versioningOf } from '../../worker/versioning.ts';

const register = (env: Readonly<Record<string, string>>, profile = 'prod') => versioningOf(readSettings([], env), 'acme', profile);

test('what is set to nothing is not set', () => {
  assert.deepEqual(readSettings([], { SYNCLINE_SLOTS: '', SYNCLINE_BUILD_ID: '', SYNCLINE_DEPLOYMENT: '', SYNCLINE_LOG_LEVEL: '' }), readSettings([], {}));
});

test('a setting that cannot be used is named, with what is expected', () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [
      { SYNCLINE_SLOTS: '0' },
      /^A setting of the worker cannot be used: SYNCLINE_SLOTS: expected "auto" or a whole number from 1 to 1,000\. See "Settings" in docs\/operating\.md\.$/,
    ],
    [{ SYNCLINE_TARGET_CPU_PERCENT: '180' }, /^A setting of the worker cannot be used: SYNCLINE_TARGET_CPU_PERCENT: /],
    [{ SYNCLINE_BUILD_ID: '2', SYNCLINE_VERSIONING: 'sometimes' }, /^A setting of the worker cannot be used: SYNCLINE_VERSIONING: .*"pinned"\|"auto-upgrade"/],
    [
      { SYNCLINE_BUILD_ID: '2', SYNCLINE_DEPLOYMENT: 'crm.prod' },
      /^A setting of the worker cannot be used: SYNCLINE_DEPLOYMENT: expected letters, digits, "-", "_" and "\/"\./,
    ],
    [{ SYNCLINE_DEPLOYMENT: 'crm' }, /^SYNCLINE_BUILD_ID is not set\. SYNCLINE_DEPLOYMENT and SYNCLINE_VERSIONING mean nothing without it/],
  ];
  for (const [env, message] of cases) assert.throws(() => readSettings([], env), { code: 'DEFINITION_INVALID', message });
});

test('without a build id a worker takes part in no versioning', () => {
  assert.equal(register({}), undefined);
});

test('a build is one of the deployment of its project and profile, or of the one that is named', () => {
  assert.deepEqual(register({ SYNCLINE_BUILD_ID: '1.4.2' })?.version, { deploymentName: 'syncline/acme/prod', buildId: '1.4.2' });
  assert.deepEqual(register({ SYNCLINE_BUILD_ID: '1.4.2', SYNCLINE_DEPLOYMENT: 'crm' })?.version, { deploymentName: 'crm', buildId: '1.4.2' });
});

test('runs move to the current build, unless they are to be pinned', () => {
  assert.equal(register({ SYNCLINE_BUILD_ID: '2' })?.defaultVersioningBehavior, 'AUTO_UPGRADE');
  assert.equal(register({ SYNCLINE_BUILD_ID: '2', SYNCLINE_VERSIONING: 'pinned' })?.defaultVersioningBehavior, 'PINNED');
});

test('a deployment that Temporal would take without a word and never serve is refused', () => {
  assert.throws(() => register({ SYNCLINE_BUILD_ID: '2' }, 'eu.prod'), /no deployment of the name syncline\/acme\/eu\.prod: it may have neither "\." nor ":"/);
});
