import type { Client } from "../../protocol/client.ts";
import type { OAuthError } from "../../protocol/response/outcome.ts";
import type { Context } from "../process/context.ts";
import { learn } from "./replace-record.ts";
import type { ResolvedServer } from "./resolve-server.ts";
import type { Learned } from "./server-record.ts";

/** How a server is asked as each of its clients. */
export interface Asking<A> {
  /** One request as one client. */
  ask(client: Client): Promise<A>;
  /** The server does not know the client, or not by this secret. */
  isUnknown(answer: A): boolean;
  /** The secret to begin with, from 0; else the one that last worked. */
  readonly first?: number | undefined;
  /**
   * Nothing that the request carries can be used once only: then the server's other way to authenticate is tried as well
   * (oauthapp.md section 3). Else a refusal only decides how the next such request goes out.
   */
  readonly repeatable: boolean;
  /** What works here works at the token endpoint: it is remembered for its requests. */
  readonly teaches: boolean;
}

/**
 * Asks as each of a server's clients in turn, one per secret, the one that last worked (or that is `first`) before the
 * others. The next is tried only after a complete answer `invalid_client`: after anything else the same token would be sent
 * twice (faults.md section 3, technique 13). Where all are refused the last answer's text names each (oauthapp.md 1.3).
 */
export async function asEachClient<A extends object>(
  context: Context,
  server: ResolvedServer,
  asking: Asking<A>,
): Promise<A & { readonly secret: number }> {
  const { first = context.caches.lastSecret.get(secretKey(server)) ?? 0, repeatable, teaches } = asking;
  const { clients, others, record } = server;
  const answer = await askInOrder(inOrder(clients, first), asking);
  if (!asking.isUnknown(answer) || others.length === 0) return answer;
  if (!repeatable) {
    // One that has worked before is not given up for one word; an untried one makes room for the next request.
    if (teaches && !record.learned?.works) await learn(context, server, byOtherWay(server));
    return answer;
  }
  const other = await askInOrder(inOrder(others, first), asking);
  if (asking.isUnknown(other)) return answer;
  if (teaches && isDefinite(other)) await learn(context, server, byOtherWay(server));
  return other;
}

async function askInOrder<A extends object>(
  clients: readonly (readonly [number, Client])[],
  { ask, isUnknown }: Asking<A>,
): Promise<A & { readonly secret: number }> {
  const refused: string[] = [];
  for (const [secret, client] of clients) {
    const answer = await ask(client);
    if (!isUnknown(answer)) return { ...answer, secret };
    refused.push("text" in answer ? String(answer.text) : "");
    if (refused.length === clients.length) return { ...answer, secret, text: allRefused(refused) };
  }
  throw new Error("a server has at least one client");
}

function byOtherWay({ record: { learned } }: ResolvedServer): Learned {
  return { other: !learned?.other, works: false };
}

/** An answer that says something about the client: trouble and lost answers do not. */
function isDefinite(answer: object): boolean {
  if (!("outcome" in answer)) return true;
  const { kind } = answer.outcome as { readonly kind: string };
  return kind === "tokens" || kind === "device" || kind === "refused";
}

/** Under which it is remembered what secret of a server's client worked last; see `Caches`. */
export function secretKey({ id, record }: ResolvedServer): string {
  return `${id}\n${record.clientId}`;
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
