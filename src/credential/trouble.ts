import type { OperatorReason, PermanentReason, TemporaryReason } from "./reason.ts";

/** What stops the polls of a device flow. */
export interface Suspension {
  readonly reason: OperatorReason;
  readonly text: string;
  readonly providerError?: string;
}

/** Troubles of an issued credential, by who can mend them. */
export type Trouble =
  /** The provider said the grant is gone, twice or beyond doubt: no upstream call until rewritten. */
  | {
      readonly kind: "dead";
      readonly reason: PermanentReason;
      readonly text: string;
      readonly providerError?: string;
      readonly since: number;
    }
  /** The grant was refused once; confirmed before it counts (CL-04). */
  | {
      readonly kind: "suspect";
      readonly text: string;
      readonly providerError?: string;
      readonly attempts: number;
      readonly retryAt: number;
      readonly since: number;
      readonly doubt?: boolean;
    }
  | {
      readonly kind: "operator";
      readonly reason: OperatorReason;
      readonly text: string;
      readonly providerError?: string;
      readonly attempts: number;
      readonly retryAt: number;
      readonly since: number;
      readonly doubt: boolean;
    }
  | {
      readonly kind: "temporary";
      readonly reason: TemporaryReason;
      readonly text: string;
      readonly attempts: number;
      readonly retryAt: number;
      readonly since: number;
      /** The stored refresh token was sent and no definite answer came: it may be consumed. */
      readonly doubt: boolean;
      /** When the first request was sent that may have consumed it. */
      readonly doubtSince?: number;
      /** Nobody tries earlier: the provider said so, or its grace has passed. What else is waited for a reader may cut short. */
      readonly notBefore?: number;
    };
