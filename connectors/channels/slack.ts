import type { ChannelKind } from './channel-kind.ts';

/**
 * An incoming webhook of Slack: `text`, in which three characters are escaped.
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/
 * @see https://docs.slack.dev/messaging/formatting-message-text/#escaping-text
 */
export const slackRequest: ChannelKind<{ readonly url: string }> = ({ url }, { event }, text) => {
  const sign = { opened: ':red_circle:', resolved: ':large_green_circle:', test: ':white_circle:' }[event];
  return { url, body: { text: `${sign} ${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}` } };
};
