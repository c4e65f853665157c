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
}

/** The mounts as this process knows them: what another instance changes is known within a second. */
export interface MountList {
  /** Those of the configuration come first, and the first of all is that of sessions. */
  all(): readonly Mount[];
  at(path: string): Mount | undefined;
}
