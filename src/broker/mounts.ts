/** A mount of the credential engine, as the HTTP layer sees it: a tenant. */
export interface Mount {
  /**
   * Where its rows are, in their key and in their seal. It stays when the mount moves, and no other mount ever has it: of one that the
   * configuration names it is that name, of one that the API made its row's id is in it.
   */
  readonly place: string;
  /** Below `/v1/`; may have several segments. */
  readonly path: string;
  /** What the API has written of it; absent where the configuration names it. */
  readonly made?: MadeMount;
}

/** Lives are seconds; 0 = the system's. They are shown as they were written: nothing here is leased. */
export interface MadeMount {
  readonly uuid: string;
  readonly accessor: string;
  readonly description: string;
  readonly defaultTtl: number;
  readonly maxTtl: number;
  /** The last move: its id, and the path that it was moved from. */
  readonly moved?: { readonly id: string; readonly from: string };
}

export type MountSettings = Partial<Pick<MadeMount, "description" | "defaultTtl" | "maxTtl">>;

/** The mounts as this process knows them: what another instance changes is known within a second. */
export interface MountList {
  /** The path of the mount of sessions; the configuration names it. */
  readonly first: string;
  /** Those of the configuration come first. */
  all(): readonly Mount[];
  paths(): readonly string[];
  at(path: string): Mount | undefined;
}

/** What operators do with mounts. Each throws `BrokerError`, and refuses those that the configuration names. */
export interface MountChanges {
  /** The list is as the store has it now, whoever wrote it. */
  look(): Promise<void>;
  enable(path: string, settings: MountSettings): Promise<void>;
  tune(path: string, settings: MountSettings): Promise<void>;
  /** All that it keeps goes with it. Answers the id of the move. */
  move(from: string, to: string): Promise<string>;
  /** Ends its logins by the queue, and removes what it kept; of what is no mount nothing. */
  disable(path: string): Promise<void>;
}
