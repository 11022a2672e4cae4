import type { ChannelAnswer, Channels } from '../../connectors/channels/port.ts';
import type { Channel } from '../../definition/schema/channels.ts';
import type { Notice } from '../../engine/notice.ts';
import { didYouMean } from '../../engine/suggest.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { clean, pad } from '../output/text.ts';
import type { Project } from '../project.ts';

/** `alerts test`: a message to each channel, or to one, and what was answered. */
export async function testAlerts(cli: Cli, only: string | undefined): Promise<ExitCode> {
  const project = await cli.session.project();
  const channels = chooseChannels(project, only);
  const { openChannels } = await import('../../connectors/channels/open-channels.ts');
  const sender = openChannels({ resolveSecrets: project.resolveSecrets });
  const notice = testNotice(project);
  const results = await Promise.all(channels.map(async ([name, channel]) => ({ name, type: channel.type, ...(await sendTest(sender, channel, notice)) })));
  const { out } = cli;
  out.document({ channels: results.map(({ name, type, isTaken, said }) => ({ channel: name, type, isTaken, answer: said })) });
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const { name, isTaken, said } of results)
    out.print(`${isTaken ? out.theme.good('✓') : out.theme.bad('✗')} ${pad(name, width)}  ${isTaken ? 'took it' : 'did not take it'}: ${clean(said)}`);
  return results.every(({ isTaken }) => isTaken) ? EXIT.done : EXIT.unreachable;
}

/** @throws CliError where there is none, or none of that name */
function chooseChannels({ name, channels }: Project, only: string | undefined): readonly (readonly [string, Channel])[] {
  const known = Object.keys(channels);
  if (known.length === 0)
    throw new CliError({ exitCode: EXIT.usage, code: 'NO_CHANNEL', message: `${name} has no channels: describe them in syncline.yaml, under "channels".` });
  const chosen = Object.entries(channels).filter(([channel]) => only === undefined || channel === only);
  if (chosen.length > 0 || only === undefined) return chosen;
  const message = `${name} has no channel "${only}"${didYouMean(only, known)}. It has: ${known.join(', ')}.`;
  throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_CHANNEL', message });
}

function testNotice({ name, profile }: Project): Notice {
  const at = Date.now();
  return { project: name, profile, sync: 'test', event: 'test', incident: `test_${at}`, rule: 'test', runId: 'none', at, since: at, what: '' };
}

/** What PagerDuty was told of stays open there until it is resolved. */
async function sendTest(sender: Channels, channel: Channel, notice: Notice): Promise<ChannelAnswer> {
  const answer = await sender.send(channel, notice);
  return channel.type === 'pagerduty' && answer.isTaken ? sender.send(channel, { ...notice, event: 'resolved' }) : answer;
}
