import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuiltPrograms } from '../deployment/built-programs.ts';

const VERSION = '0.155.0';
const STABLE_VERSION = '1.61.0';
const MODULE = 'go.opentelemetry.io/collector';

/** OpenTelemetry's own tool, which builds its collector of the parts that are named. */
const builder = new BuiltPrograms({
  name: 'otel-collector-builder',
  version: VERSION,
  module: `${MODULE}/cmd/builder`,
  what: "the builder of OpenTelemetry's collector",
  duration: 'half a minute',
  programs: { builder: `${MODULE}/cmd/builder` },
});
const PARTS = {
  dist: { name: 'otelcol', output_path: './out', version: VERSION },
  receivers: [{ gomod: `${MODULE}/receiver/otlpreceiver v${VERSION}` }],
  exporters: [{ gomod: `${MODULE}/exporter/otlphttpexporter v${VERSION}` }],
  providers: ['envprovider', 'fileprovider'].map((name) => ({ gomod: `${MODULE}/confmap/provider/${name} v${STABLE_VERSION}` })),
};
const PROGRAM = join(builder.folder, 'otelcol');

export const isCollectorBuilt = (): boolean => existsSync(PROGRAM);

/** @returns the path of a real collector: takes OTLP, sends it on by OTLP. Built once, in a minute or two. @throws Error where there is no Go, or no module proxy */
export async function ensureCollector(): Promise<string> {
  if (isCollectorBuilt()) return PROGRAM;
  const folder = mkdtempSync(join(await builder.ensure(), 'parts-'));
  try {
    writeFileSync(join(folder, 'parts.yaml'), JSON.stringify(PARTS));
    const child = spawn(join(builder.folder, 'builder'), ['--config', 'parts.yaml'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`the collector could not be built (${String(code)})`);
    renameSync(join(folder, 'out/otelcol'), PROGRAM);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return PROGRAM;
}
