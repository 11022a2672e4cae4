import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../worker/temporal-server/version.ts';

const CACHE = join(cacheFolder(process.env), 'prometheus');

/** A real Prometheus and its tool: those of PATH, or of Debian's package, which the long suite fetches once and unpacks beside the other programs. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/** @returns where there are none: why, for the report */
export function findPrometheus(): PrometheusPrograms | { readonly why: string } {
  if (spawnSync('promtool', ['--version']).status === 0) return { prometheus: 'prometheus', promtool: 'promtool' };
  const ofDebian = { prometheus: join(CACHE, 'prometheus'), promtool: join(CACHE, 'promtool') };
  if (existsSync(ofDebian.promtool)) return ofDebian;
  if (process.env['SYNCLINE_TEST_LONG'] !== '1')
    return { why: "there is no Prometheus on PATH (npm run test:long fetches it, where Debian's packages can be had)" };
  return unpackPackage() ? ofDebian : { why: 'there is no Prometheus on PATH, and no package of it (Debian: apt-get install prometheus)' };
}

function unpackPackage(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-prometheus-package-'));
  try {
    if (spawnSync('apt-get', ['download', 'prometheus'], { cwd: folder }).status !== 0) return false;
    const [file] = readdirSync(folder);
    if (file === undefined || spawnSync('dpkg-deb', ['-x', file, 'unpacked'], { cwd: folder }).status !== 0) return false;
    rmSync(CACHE, { recursive: true, force: true });
    // The cache may be another file system.
    cpSync(join(folder, 'unpacked/usr/bin'), CACHE, { recursive: true });
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
