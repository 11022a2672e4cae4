import type { ChannelKind } from './channel-kind.ts';

/**
 * A Teams workflow that starts when a webhook request is received: a message with one adaptive card.
 * @see https://learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook the envelope
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using of the card formats, a workflow takes this one only
 */
export const teamsRequest: ChannelKind<{ readonly url: string }> = ({ url }, { event, sync, project, rule }, text) => {
  const title = { opened: `${sync} needs a look`, resolved: `${sync}: ${rule} is over`, test: `Syncline: a test for ${project}` }[event];
  const color = { opened: 'Attention', resolved: 'Good', test: 'Default' }[event];
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlock', text: escaped(title), weight: 'Bolder', size: 'Medium', color, wrap: true },
      { type: 'TextBlock', text: escaped(text), wrap: true },
    ],
  };
  return { url, body: { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }] } };
};

/** A card reads its texts as Markdown: names keep their underscores, and a condition its stars. */
function escaped(text: string): string {
  return text.replaceAll(/[\\*_[\]]/g, '\\$&');
}
