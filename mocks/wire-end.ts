/** Bytes in, bytes out: all that a way of serving needs to know. */
export interface WireEnd {
  receive(bytes: string): void;
  /** Where bytes to the host go; whoever connects sets it. */
  onSend: (bytes: string) => void;
  /** Called when the wire is to be pulled out for `forMs`; whoever serves this end sets it. */
  onUnplug?: (forMs: number) => void;
  /** Tells this end that the wire was pulled out: what is on its way is lost. */
  unplugged?: () => void;
}
