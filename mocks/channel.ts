/** One direction of a wire, or a stretch of it. */
export interface Channel {
  send(bytes: string): void;
  /** Loses what is on its way. */
  clear(): void;
}

/** A stretch of a channel that ends where its bytes are delivered. */
export type Stage = (deliver: (bytes: string) => void) => Channel;

/** Stages one behind the other. */
export function chain(stages: readonly Stage[], deliver: (bytes: string) => void): Channel {
  const channels: Channel[] = [];
  let send = deliver;
  for (const stage of [...stages].reverse()) {
    const channel = stage(send);
    channels.push(channel);
    send = (bytes) => channel.send(bytes);
  }
  return {
    send: (bytes) => send(bytes),
    clear: () => {
      for (const channel of channels) channel.clear();
    },
  };
}
