import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const FOLDER = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url));

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })),
  env: z.array(z.object({ name: z.string(), valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string(), optional: z.boolean() }) }) })),
  resources: z.object({ requests: z.record(z.string(), z.string()), limits: z.object({ memory: z.string() }) }),
  securityContext: z.unknown(),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.literal(true).optional() })),
});
const podSchema = z.looseObject({
  terminationGracePeriodSeconds: z.number().optional(),
  automountServiceAccountToken: z.literal(false),
  securityContext: z.looseObject({ runAsNonRoot: z.literal(true), runAsUser: z.number().min(1) }),
  initContainers: z.array(containerSchema).default([]),
  containers: z.array(containerSchema),
  volumes: z.array(
    z.union([
      z.strictObject({ name: z.string(), secret: z.object({ secretName: z.string(), defaultMode: z.number() }) }),
      z.strictObject({ name: z.string(), emptyDir: z.object({}) }),
    ]),
  ),
});
const workloadSchema = z.looseObject({
  kind: z.string(),
  spec: z.looseObject({ replicas: z.number().optional(), template: z.object({ spec: podSchema, metadata: z.looseObject({}) }) }),
});

export type Container = z.output<typeof containerSchema>;
export type Workload = z.output<typeof workloadSchema>;

/** A document of deploy/kubernetes, as it is written. */
export interface Manifest {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly text: string;
}

export function readManifests(): readonly Manifest[] {
  return readdirSync(FOLDER).flatMap((file) =>
    parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => {
      const value: unknown = document.toJS();
      const { apiVersion, kind } = z.looseObject({ apiVersion: z.string(), kind: z.string() }).parse(value);
      return { file, apiVersion, kind, text: JSON.stringify(value) };
    }),
  );
}

/** The Deployment or Job of a component. */
export function workload(component: 'worker' | 'listener' | 'release'): Workload {
  const isIt = ({ kind, text }: Manifest) => ['Deployment', 'Job'].includes(kind) && text.includes(`"name":"syncline-${component}"`);
  return workloadSchema.parse(JSON.parse(readManifests().find(isIt)?.text ?? '{}'));
}

/** What the ConfigMap sets. */
export function settings(): Readonly<Record<string, string>> {
  const { text } = readManifests().find(({ kind }) => kind === 'ConfigMap') ?? { text: '{}' };
  return z.looseObject({ data: z.record(z.string(), z.string()) }).parse(JSON.parse(text)).data;
}

/** Files as the kubelet puts them into a volume: links to a folder that it can exchange in one move. */
export function writeVolume(folder: string, files: Readonly<Record<string, string>>): void {
  const version = join(folder, '..2026_11_21');
  mkdirSync(version, { recursive: true });
  symlinkSync('..2026_11_21', join(folder, '..data'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(version, name), text);
    symlinkSync(join('..data', name), join(folder, name));
  }
}
