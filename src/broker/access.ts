/**
 * The use cases of access, as the HTTP layer sees them: who may do what is written here, and decided in access/. Rejects with
 * `BrokerError`; a read of nothing is undefined, a removal of nothing is done.
 */
export interface Access {
  readonly policies: Policies;
}

/** Names are kept in lower case. */
export interface Policies {
  /** Its text; also of those that are built in. */
  read(name: string): Promise<string | undefined>;
  /** HCL or JSON, plain or in base64. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** In byte order, with those that are built in. */
  list(): Promise<readonly string[]>;
}
