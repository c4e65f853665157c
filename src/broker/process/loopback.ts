/** Ways back on this machine (RFC 8252 7.3): each is open only while a login waits for it. Given to a person's own broker. */
export interface Loopback {
  /** Listens where the redirect URI says. Rejects with a sentence (`PortTaken`) when somebody else does. */
  open(redirectUri: string): Promise<LoopbackDoor>;
}

export interface LoopbackDoor {
  /** With the port that is listened at. */
  readonly redirectUri: string;
  /** Aborted when the process stops. */
  readonly stopping: AbortSignal;
  /** Whoever has just been answered may ask again for a moment; else it is closed at once. */
  close(): void;
}

/** The port is another program's. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";
}
