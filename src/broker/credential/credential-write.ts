import type { GrantSession } from "../../credential/index.ts";
import type { CredentialInput } from "../broker.ts";

/** What a starter works with: input whose server is named. */
export interface CredentialWrite {
  readonly mount: string;
  readonly name: string;
  readonly server: string;
  readonly input: CredentialInput;
  /** What the program that asks calls itself. */
  readonly label?: string;
  readonly session?: GrantSession;
}
