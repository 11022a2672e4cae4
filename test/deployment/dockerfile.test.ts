import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { DockerfileParser, type Instruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { buildImage, isFromStage } from './image.ts';

const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
const node = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).dependencies.node;
const isLong = process.env['SYNCLINE_TEST_LONG'] === '1';

/** The stages, each by its instructions. */
function stagesOf(dockerfile: string): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

/** What is wrong with it as an image for production. */
function faults(dockerfile: string): readonly string[] {
  const stages = stagesOf(dockerfile);
  const last = stages.at(-1) ?? [];
  const all = stages.flat();
  const of = (keyword: string, from: readonly Instruction[] = all) =>
    from.filter((each) => each.getKeyword() === keyword).map((each) => each.getArgumentsContent() ?? '');
  const found = validate(dockerfile).map(({ message }) => String(message));
  const rule = (isKept: boolean, words: string) => void (isKept || found.push(words));
  rule(stages.length > 1, 'one stage: what builds is in the image, too');
  rule(
    of('FROM').every((base) => base.startsWith(`node:${node}-`)),
    `another Node than the one that is tested with, ${node}`,
  );
  rule(/^[1-9]\d*(:[1-9]\d*)?$/.test(of('USER', last).at(-1) ?? ''), 'run by root, or by a user whose number Kubernetes cannot see');
  rule(
    of('RUN').some((command) => command.includes('scripts/build.ts')),
    'workflows are bundled when a worker starts',
  );
  rule(
    of('RUN').some((command) => command.includes('npm prune --omit=dev')),
    'tools of development are in the image',
  );
  rule(
    last.every((each) => each.getKeyword() !== 'COPY' || isFromStage(each)),
    'sources are copied into the image',
  );
  rule(
    of('RUN').every(
      (command) => !command.includes('apt-get install') || /^apt-get update && .*--no-install-recommends .*rm -rf \/var\/lib\/apt\/lists/.test(command),
    ),
    'packages with lists and recommendations',
  );
  rule(
    of('RUN', last).some((command) => command.includes('ca-certificates')),
    'no authorities for TLS to Temporal',
  );
  rule(
    of('ENTRYPOINT', last).every((command) => command.startsWith('[')),
    'a shell gets the signals, not the worker',
  );
  rule(![...of('ENV'), ...of('ARG')].some((setting) => /KEY|TOKEN|PASSWORD|SECRET/i.test(setting)), 'a secret in a layer');
  return found;
}

it('the Dockerfile is in order', () => {
  assert.deepEqual(faults(text), []);
});

it('each fault would be told', () => {
  const changed = (from: string | RegExp, to: string) => faults(text.replace(from, to)).join('; ');
  assert.match(changed('WORKDIR /app', 'WORKDIRR /app'), /Unknown instruction: WORKDIRR/);
  assert.match(changed('node:24.21.0-bookworm-slim AS', 'node:latest AS'), /another Node/);
  assert.match(changed('USER 1000:1000', 'USER node'), /run by root/);
  assert.match(changed('USER 1000:1000\n', ''), /run by root/);
  assert.match(changed('node scripts/build.ts && ', ''), /workflows are bundled/);
  assert.match(changed('COPY --from=build /build/dist dist', 'COPY . .'), /sources are copied/);
  assert.match(changed(' ca-certificates', ''), /no authorities/);
  assert.match(changed('ENV NODE_ENV=production', 'ENV HUBSPOT_TOKEN=abc'), /a secret in a layer/);
  assert.match(changed('ENTRYPOINT ["node", "/app/dist/client/main.js"]', 'ENTRYPOINT node /app/dist/client/main.js'), /a shell gets the signals/);
});

it('nothing that is secret or that tests need goes into the image', () => {
  const ignored = readFileSync(new URL('../../.dockerignore', import.meta.url), 'utf8').split('\n');
  for (const name of ['.git', 'node_modules', 'test', '**/.env', '**/.syncline']) assert.ok(ignored.includes(name), name);
});

it('its steps make a Syncline that runs', { skip: isLong ? false : 'a minute of building: npm run test:long' }, async (context) => {
  const image = await buildImage(stagesOf(text));
  context.after(() => image.remove());
  assert.match((await image.run('--version')).stdout, /^\d+\.\d+\.\d+/);
  const { code, stdout, stderr } = await image.run('check', '--project', `${image.root}/build/examples/crm-to-hubspot`);
  assert.equal(code, 3, stdout + stderr);
  assert.match(stdout + stderr, /2 mistakes/, 'nothing is wrong but that it has no secrets');
  for (const name of ['CRM_TOKEN', 'HUBSPOT_TOKEN']) assert.ok((stdout + stderr).includes(`the secret ${name} is not set`), name);
  assert.ok(image.has('app/dist/workflow-bundle.js'));
  for (const name of ['app/node_modules/typescript', 'app/node_modules/node', 'app/test', 'app/worker']) assert.ok(!image.has(name), name);
});
