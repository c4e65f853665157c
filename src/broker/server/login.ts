/** A login that is to be started here, and not one whose values somebody brings. */
export interface Login {
  readonly grantType: string;
  readonly redirectUri?: string;
  /** The client that was used before is known no more. */
  readonly forget?: boolean;
}
