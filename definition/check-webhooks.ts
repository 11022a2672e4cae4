import { checkExpression, checkTemplate, type Page } from './check-expression.ts';
import { checkPositive } from './check-limits.ts';
import type { CheckScope } from './check-scope.ts';
import { checkUrl } from './check-url.ts';
import type { Mistake } from './mistake.ts';
import type { Loaded } from './parse-definition.ts';
import { timesOf, webhooksOf } from './resolve-webhooks.ts';
import type { Connection } from './schema/connection.ts';
import type { Project } from './schema/project.ts';
import type { ConnectionWebhooks, ConnectorWebhooks, Signature } from './schema/webhooks.ts';
import { SECRET_PLACES, secretNames } from './secrets.ts';
import type { Path, YamlFile } from './yaml-file.ts';

const OF_DELIVERY = ['headers', 'body'] as const;
const OF_EVENT = ['event', ...OF_DELIVERY] as const;
const SIGNED = ['body', 'timestamp', 'method', 'url', 'headers'] as const;

/** Expressions of the webhooks that stand at a path, and the objects that their events name. @param objects that there are; undefined where that cannot be known here */
export function checkWebhooks(page: Page, path: Path, webhooks: ConnectorWebhooks | undefined, objects: readonly string[] | undefined): Mistake[] {
  if (webhooks === undefined) return [];
  const { file } = page;
  const at = (...steps: Path) => [...path, ...steps];
  return [
    ...checkExpression(page, at('delivery'), webhooks.delivery, OF_DELIVERY),
    ...checkExpression(page, at('each'), webhooks.each, OF_DELIVERY),
    ...(webhooks.signature === undefined ? [] : checkSignature(page, at('signature'), webhooks.signature)),
    ...(['maxAge', 'remember', 'rate.per'] as const).flatMap((key) => checkPositive(file, at(...key.split('.')))),
    ...(webhooks.events ?? []).flatMap((rule, index) => [
      ...(['when', 'key', 'version', 'occurredAt', 'record'] as const).flatMap((key) => checkExpression(page, at('events', index, key), rule[key], OF_EVENT)),
      ...checkObjectName(page, at('events', index, 'object'), rule.object, objects),
    ]),
  ];
}

/** A time that is not signed proves nothing: whoever has seen a delivery could send it for ever. */
function checkSignature(page: Page, path: Path, signature: Signature): Mistake[] {
  if (signature.type !== 'hmac') return [];
  const { signed, timestamp } = signature;
  const inserts = /\{[^}]*\btimestamp\b/.test(signed);
  const lacks =
    inserts && timestamp === undefined ? [page.file.mistake([...path, 'signed'], 'inserts {timestamp}: say in `timestamp` which header has it')] : [];
  const idle =
    !inserts && timestamp !== undefined
      ? [page.file.mistake([...path, 'timestamp'], 'is not part of `signed`, so it could be changed by anybody: insert {timestamp} there, or leave it out')]
      : [];
  return [...checkTemplate(page, [...path, 'signed'], signed, SIGNED), ...lacks, ...idle];
}

function checkObjectName({ file }: Page, path: Path, name: string, objects: readonly string[] | undefined): Mistake[] {
  if (objects === undefined || objects.includes(name)) return [];
  return [file.mistake(path, `there is no object "${name}" here`, { meant: { name, known: objects, orElse: `: there are ${objects.join(', ') || 'none'}` } })];
}

/** A connection that takes webhooks: what its own keys say, and whether all that is needed is there. */
export function checkConnectionWebhooks(scope: CheckScope, connection: Loaded<Connection>): Mistake[] {
  const { value, file } = connection;
  const page = { file, environment: scope.environment };
  const connector = scope.files.connectors.get(value.connector);
  const objects = connector === undefined ? undefined : Object.keys({ ...connector.value.objects, ...value.objects });
  const accounts: readonly (readonly [Path, Connection['webhooks']])[] = [
    [['webhooks'], value.webhooks],
    ...Object.entries(value.profiles ?? {}).map(([name, account]) => [['profiles', name, 'webhooks'], account.webhooks] as const),
  ];
  return [...accounts.flatMap(([path, webhooks]) => checkWebhooks(page, path, webhooks, objects)), ...checkInUse(scope, connection)];
}

/** As `listen` on this profile would have it. */
function checkInUse({ files, profile, environment }: CheckScope, { name, value, file }: Loaded<Connection>): Mistake[] {
  const connector = files.connectors.get(value.connector);
  const webhooks = webhooksOf(value, connector?.value, profile);
  const own: Path = ['profiles', profile, 'webhooks'];
  const path = file.valueAt(own) === undefined ? ['webhooks'] : own;
  if (webhooks === undefined || connector === undefined) return [];
  const lacking = (['signature', 'events'] as const).flatMap((key) =>
    webhooks[key] !== undefined || file.valueAt([...path, key]) !== undefined || connector.file.valueAt(['webhooks', key]) !== undefined
      ? []
      : [file.mistake(path, `${key} is required: the connector ${value.connector} knows no webhooks`, { at: 'key' })],
  );
  const isAsked = [...files.syncs.values()].some(({ value: { source } }) => source.connection === name && source.events !== undefined);
  const unused = `nothing is done with deliveries: no sync that reads ${name} has \`source.events\``;
  const isAddressed = files.project?.file.valueAt(['listen', 'publicUrl']) !== undefined;
  const message = 'the public address is part of what is signed: say in syncline.yaml how the listener is reached, listen: { publicUrl: https://… }';
  return [
    ...lacking,
    ...(isAsked ? [] : [file.mistake(path, unused, { at: 'key', severity: 'warning' })]),
    ...checkMemory(file, path, webhooks),
    ...(webhooks.signature !== undefined && signsAddress(webhooks.signature) && !isAddressed ? [file.mistake(path, message, { at: 'key' })] : []),
    ...(webhooks.secrets ?? []).flatMap((secret, index) =>
      unset({ file, environment }, [...path, 'secrets', index], secret, '`syncline listen` does not start'),
    ),
  ];
}

/** The time of a signature may be ahead of ours, and so be good for twice as long. */
function checkMemory(file: YamlFile, path: Path, webhooks: Partial<ConnectionWebhooks>): Mistake[] {
  const { maxAgeMs, rememberMs } = timesOf(webhooks);
  if (webhooks.signature === undefined || !signsTime(webhooks.signature) || rememberMs >= 2 * maxAgeMs) return [];
  const key = (['remember', 'maxAge'] as const).find((one) => file.valueAt([...path, one]) !== undefined);
  const message = 'remember must be at least twice maxAge: a delivery that is forgotten while its time still counts could be sent again by whoever has seen it';
  return [file.mistake(key === undefined ? path : [...path, key], message, key === undefined ? { at: 'key' } : {})];
}

function signsTime(signature: Signature): boolean {
  switch (signature.type) {
    case 'hmac':
      return signature.timestamp !== undefined;
    case 'standard-webhooks':
    case 'stripe':
    case 'hubspot-v3':
      return true;
    default:
      return false;
  }
}

function signsAddress(signature: Signature): boolean {
  return signature.type === 'hubspot-v3' || (signature.type === 'hmac' && /\{[^}]*\burl\b/.test(signature.signed));
}

/** `listen` of syncline.yaml. */
export function checkListen({ environment }: Pick<CheckScope, 'environment'>, { value, file }: Loaded<Project>): Mistake[] {
  const page = { file, environment };
  const { tokens = [] } = value.listen ?? {};
  return [
    ...checkUrl(page, ['listen', 'publicUrl'], false, false),
    ...tokens.flatMap((token, index) => unset(page, ['listen', 'tokens', index], token, '`syncline listen` does not start')),
  ];
}

/** Only the listener needs it: it stops no run. */
function unset({ file, environment }: Page, path: Path, reference: string, without: string): Mistake[] {
  const missing = secretNames(reference).filter((name) => environment.secret(name) === undefined);
  return missing.map((name) =>
    file.mistake(path, `the secret ${name} is not set here, without it ${without}: put it into ${SECRET_PLACES}`, { kind: 'secret', severity: 'warning' }),
  );
}

/** Below `webhooks` of a connection or of its account: what deliveries are signed with. */
export function isWebhookSecret(path: Path): boolean {
  const [first, second] = path[0] === 'profiles' ? path.slice(2) : path;
  return first === 'webhooks' && second === 'secrets';
}

export function isListenToken([first, second]: Path): boolean {
  return first === 'listen' && second === 'tokens';
}
