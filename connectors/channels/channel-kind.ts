import type { Json } from '../../engine/json.ts';
import type { Notice } from '../../engine/notice.ts';

/** One request to a channel, its secrets put in. */
export interface ChannelRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** How one type of channel is told. @param text the whole message, for people */
export type ChannelKind<Channel> = (channel: Channel, notice: Notice, text: string) => ChannelRequest;
