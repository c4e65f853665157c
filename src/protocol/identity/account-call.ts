import { transportOutcome } from "../answer/failure.ts";
import { parseJsonObject } from "../answer/json.ts";
import { TransportError } from "../answer/transport-error.ts";
import type { Call } from "../client.ts";
import { exchange, get } from "../endpoint.ts";

export type AccountAnswer =
  | { readonly kind: "account"; readonly subject: string; readonly name?: string }
  | { readonly kind: "failed"; readonly text: string };

/** Asks a provider's API whose an access token is (GitHub: `/user`). Never rejects. */
export async function accountCall(
  { url, members }: { readonly url: string; readonly members: { readonly subject: string; readonly name: string } },
  accessToken: string,
  call: Call,
): Promise<AccountAnswer> {
  const answer = await exchange(get(url, call, { authorization: `Bearer ${accessToken}` }));
  if (answer instanceof TransportError) return { kind: "failed", text: transportOutcome(answer).text };
  if (answer.status !== 200) return { kind: "failed", text: `the account API answered with status ${answer.status}` };
  const json = parseJsonObject(answer.body);
  const [id, called] = [identifierOf(json?.[members.subject]), identifierOf(json?.[members.name])];
  if (id === undefined) return { kind: "failed", text: `the account API's answer has no ${members.subject}` };
  return { kind: "account", subject: id, ...(called !== undefined && { name: called }) };
}

/** A text or a whole number: some name accounts by numbers. */
function identifierOf(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
