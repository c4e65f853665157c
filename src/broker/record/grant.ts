import type { Grant, GrantSession } from "../../credential/index.ts";
import type { CredentialInput } from "../broker.ts";

/** The part of a credential that its writer chose. */
export function grantOf(
  server: string,
  input: Pick<CredentialInput, "scopes" | "providerOptions" | "maximumExpirySeconds">,
  session?: GrantSession,
): Grant {
  const { maximumExpirySeconds } = input;
  const scopes = splitScopes(input.scopes);
  // Checked once and never stored (oauthapp.md section 9).
  const { nonce: _, ...providerOptions } = input.providerOptions;
  return {
    server,
    scopes,
    providerOptions,
    ...(maximumExpirySeconds > 0 && { maximumExpirySeconds }),
    ...(session && { session }),
  };
}

/** A scope holds no space (RFC 6749 3.3), so a list typed with spaces means several. */
export function splitScopes(scopes: readonly string[]): readonly string[] {
  return scopes.flatMap((scope) => scope.split(/\s+/)).filter((scope) => scope !== "");
}

/** For whom a grant is, as people are told at its provider: the program by its label, else the name it is kept under. */
export function labelOf({ server, session }: Pick<Grant, "server" | "session">, name: string): string {
  return session ? (session.label ?? server) : name;
}

/** What of a grant says where its requests go. */
export type Destination = Pick<Grant, "server" | "providerOptions" | "client" | "binding">;

/** That part of a grant, and no more of it. */
export function destinationOf({ server, providerOptions, client, binding }: Destination): Destination {
  return { server, providerOptions, ...(client && { client }), ...(binding && { binding }) };
}

/**
 * The lane of a grant's requests, as rows name it: its server, and where each login is bound to an API server of its own the
 * host of that one's token endpoint beside it, so that one that hangs holds up no other. No server's name holds a newline.
 */
export function laneNameOf({ server, binding }: Pick<Grant, "server" | "binding">): string {
  const endpoint = binding?.metadata.token_endpoint;
  return endpoint === undefined ? server : `${server}\n${new URL(endpoint).host}`;
}

/** Whether a lane is one of this server's. */
export function isLaneOf(lane: string | null, server: string): boolean {
  return lane === server || (lane?.startsWith(`${server}\n`) ?? false);
}

/** Revocations have lanes of their own: a revocation endpoint that hangs must hold up no refresh. */
export function revocationLane(destination: Pick<Grant, "server" | "binding">): string {
  return `${laneNameOf(destination)}\nrevoke`;
}
