import type { GrantSession } from "../../credential/index.ts";
import type { CredentialInput } from "../broker.ts";

/** What a starter of `creds` works with. */
export interface CredentialWrite {
  readonly mount: string;
  readonly name: string;
  readonly input: CredentialInput;
  /** Entity of whoever writes it. */
  readonly by?: string | undefined;
}

/** A device flow that is to be started. */
export interface DeviceStart {
  readonly name: string;
  readonly input: Pick<CredentialInput, "scopes" | "providerOptions" | "maximumExpirySeconds">;
  /** Of a program's login. */
  readonly session?: GrantSession;
}
