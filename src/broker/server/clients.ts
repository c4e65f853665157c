import type { Client } from "../../protocol/client.ts";
import type { OAuthError } from "../../protocol/response/outcome.ts";
import type { Context } from "../process/context.ts";
import type { ResolvedServer } from "./resolve-server.ts";

/**
 * Asks as each of a server's clients in turn, one per secret, the one that last worked (or that is `first`) before the
 * others. The next is tried only after a complete answer `invalid_client`: after anything else the same token would be sent
 * twice (faults.md section 3, technique 13). Where all are refused the last answer's text names each (oauthapp.md 1.3).
 */
export async function asEachClient<A extends object>(
  { caches }: Context,
  { id, clients }: ResolvedServer,
  ask: (client: Client) => Promise<A>,
  isUnknown: (answer: A) => boolean,
  first: number = caches.lastSecret.get(id) ?? 0,
): Promise<A & { readonly secret: number }> {
  const refused: string[] = [];
  for (const [secret, client] of inOrder(clients, first)) {
    const answer = await ask(client);
    if (!isUnknown(answer)) return { ...answer, secret };
    refused.push("text" in answer ? String(answer.text) : "");
    if (refused.length === clients.length) return { ...answer, secret, text: allRefused(refused) };
  }
  throw new Error("a server has at least one client");
}

function inOrder(clients: readonly Client[], first: number): readonly (readonly [number, Client])[] {
  const indexed = [...clients.entries()];
  return [...indexed.filter(([index]) => index === first), ...indexed.filter(([index]) => index !== first)];
}

/** With one secret the plain text, with more a list. */
function allRefused(texts: readonly string[]): string {
  const [only = ""] = texts;
  if (texts.length === 1) return only;
  return ["provider request failed for all client secrets:", ...texts.map((text) => `\n\t\t* ${text}`)].join("");
}

/** Values of a client that no error text may repeat. */
export function secretsOf({ authentication }: Client): readonly string[] {
  return "secret" in authentication ? [authentication.secret] : [];
}

/** The answer after which the next of the server's secrets is tried. */
export function isInvalidClient({ outcome }: { readonly outcome: object }): boolean {
  return "error" in outcome && (outcome.error as OAuthError).code === "invalid_client";
}
