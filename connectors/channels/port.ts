import type { Channel, WebhookChannel } from '../../definition/schema/channels.ts';
import type { Json } from '../../engine/json.ts';
import type { Notice } from '../../engine/notice.ts';

/** Where alerts go. */
export interface Channels {
  /** Sends one notice, once. Never throws for what the other side does. */
  send(channel: Channel, notice: Notice): Promise<ChannelAnswer>;
  /** Posts a message to a webhook, once, signed where it has a secret. Never throws for what the other side does. */
  post(channel: WebhookChannel, message: ChannelMessage): Promise<ChannelAnswer>;
}

/** What a webhook is sent beside alerts. */
export interface ChannelMessage {
  /** The same however often it is sent. */
  readonly id: string;
  readonly body: Json;
}

export interface ChannelAnswer {
  readonly isTaken: boolean;
  /** It may be taken a little later. */
  readonly isWorthRepeating: boolean;
  /** The status with the first words of the answer, or why there is none. Without the address and the key. */
  readonly said: string;
}
