import { basename, dirname } from 'node:path';
import { buildWithGo, GO_VERSION } from './build-with-go.ts';
import type { EnsureBinaryOptions } from './ensure-temporal-binary.ts';
import { TEMPORAL_CLI_VERSION } from './version.ts';

/** The released CLI depends on a module of its own repository by a commit that the release does not name. */
const CLIEXT = 'github.com/temporalio/cli/cliext v0.0.0-20260731000218-c579925f193f';
const CLI = 'github.com/temporalio/cli/cmd/temporal';

const GO_MOD = `module syncline.invalid/temporal

go ${GO_VERSION}

require github.com/temporalio/cli v${TEMPORAL_CLI_VERSION}

tool ${CLI}

replace github.com/temporalio/cli/cliext => ${CLIEXT}
`;

/** Builds the official CLI from its pinned Go module: needs Go and a module proxy, and some minutes the first time. @throws Error with a sentence for the list of what was tried */
export function buildBinary(target: string, options: EnsureBinaryOptions): Promise<void> {
  const build = { what: 'the Temporal server', duration: '4 to 8 minutes', goMod: GO_MOD, programs: { [basename(target)]: CLI } };
  return buildWithGo(dirname(target), build, options);
}
