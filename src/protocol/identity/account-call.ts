import type { Call } from "../client.ts";
import { exchange, get } from "../endpoint.ts";
import { transportOutcome } from "../response/failure.ts";
import { parseJsonObject } from "../response/json.ts";
import { TransportError } from "../response/transport-error.ts";

export type AccountOutcome =
  | { readonly kind: "account"; readonly subject: string; readonly name?: string }
  | { readonly kind: "failed"; readonly text: string };

/** Asks a provider's API whose an access token is (GitHub: `/user`). Never rejects. */
export async function accountCall(
  { url, members }: { readonly url: string; readonly members: { readonly subject: string; readonly name: string } },
  accessToken: string,
  call: Call,
): Promise<AccountOutcome> {
  const response = await exchange(get(url, call, { authorization: `Bearer ${accessToken}` }));
  if (response instanceof TransportError) return { kind: "failed", text: transportOutcome(response).text };
  if (response.status !== 200)
    return { kind: "failed", text: `the account API answered with status ${response.status}` };
  const json = parseJsonObject(response.body);
  const [id, called] = [identifierOf(json?.[members.subject]), identifierOf(json?.[members.name])];
  if (id === undefined) return { kind: "failed", text: `the account API's answer has no ${members.subject}` };
  return { kind: "account", subject: id, ...(called !== undefined && { name: called }) };
}

/** A text or a whole number: some name accounts by numbers. */
function identifierOf(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
