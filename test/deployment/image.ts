import { spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, matchesGlob } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Instruction, ModifiableInstruction } from 'dockerfile-ast';
import type { CommandResult } from '../support/command-line.ts';
import { finished } from '../support/project.ts';

const CONTEXT = fileURLToPath(new URL('../..', import.meta.url));

/** What a Dockerfile makes, in a folder instead of a container: all of its stages share one root. */
export interface Image {
  readonly root: string;
  /** Whether there is such a file. */
  readonly has: (path: string) => boolean;
  /** What its entry point does with these arguments. */
  readonly run: (...args: readonly string[]) => Promise<CommandResult>;
  readonly remove: () => void;
}

/** Takes the steps one by one, but for commands of the last stage: they change the system that is not there. */
export async function buildImage(stages: readonly (readonly Instruction[])[]): Promise<Image> {
  const root = mkdtempSync(join(tmpdir(), 'syncline-image-'));
  const inside = (path: string) => join(root, path);
  let entry: readonly string[] = [];
  try {
    for (const [at, stage] of stages.entries()) {
      let workdir = '/';
      for (const instruction of stage) {
        const words = instruction.getArguments().map((argument) => argument.getValue());
        const keyword = instruction.getKeyword();
        if (keyword === 'WORKDIR') workdir = words[0] ?? '/';
        mkdirSync(inside(workdir), { recursive: true });
        if (keyword === 'COPY') copy(words, inside, workdir, isFromStage(instruction));
        if (keyword === 'RUN' && at < stages.length - 1) await command(instruction.getArgumentsContent() ?? '', inside(workdir));
        if (keyword === 'ENTRYPOINT') entry = JSON.parse(instruction.getArgumentsContent() ?? '[]');
      }
    }
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
  const [, program = ''] = entry;
  return {
    root,
    has: (path) => existsSync(join(root, path)),
    run: (...args) =>
      finished(spawn(process.execPath, [inside(program), ...args], { cwd: root, env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] })),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Whether a COPY takes what an earlier stage has made. */
export function isFromStage(instruction: Instruction): boolean {
  return instruction instanceof ModifiableInstruction && instruction.getFlags().some((flag) => flag.getName() === 'from');
}

function copy(words: readonly string[], inside: (path: string) => string, workdir: string, fromStage: boolean): void {
  const to = words.at(-1) ?? '.';
  const target = inside(isAbsolute(to) ? to : join(workdir, to));
  for (const path of words.slice(0, -1)) {
    const source = fromStage ? inside(path) : join(CONTEXT, path);
    if (path === '.') for (const file of contextFiles()) cpSync(join(CONTEXT, file), join(target, file));
    else cpSync(source, to.endsWith('/') ? join(target, basename(path)) : target, { recursive: true, verbatimSymlinks: true });
  }
}

/** Those that .dockerignore does not keep out. */
function contextFiles(): readonly string[] {
  const ignored = readFileSync(join(CONTEXT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const isIgnored = (path: string) => ignored.some((pattern) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`));
  return globSync('**', { cwd: CONTEXT, withFileTypes: true, exclude: (entry) => isIgnored(join(entry.parentPath, entry.name).slice(CONTEXT.length)) })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(CONTEXT.length));
}

async function command(text: string, cwd: string): Promise<void> {
  const { code, stdout, stderr } = await finished(spawn('sh', ['-euc', text], { cwd, env: { ...process.env }, stdio: ['ignore', 'pipe', 'pipe'] }));
  if (code !== 0) throw new Error(`${text}\n${stdout}${stderr}`);
}
