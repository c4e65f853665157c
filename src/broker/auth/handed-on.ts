import { generateState } from "../../protocol/pkce.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow } from "../record/records.ts";
import type { LoginGrant } from "./oidc-flow.ts";
import { isOver, placeOf } from "./stored.ts";

interface HandedOn extends LoginGrant {
  /** Whose login it was, by the id of its entity. */
  readonly entity: string;
}

/** Where a grant is to go. */
interface Receiver extends Pick<LoginGrant, "clientId" | "tokenEndpoint"> {
  /** Of whoever brings the handle; a token that nobody logged in for has none. */
  readonly entity: string | undefined;
}

const PREFIX = "coatcheck-handle-";

/** A program writes it just after the login. Milliseconds. */
const LIFE_MS = 600_000;

function keyOf(context: Context, handle: string) {
  return { mount: placeOf({ id: "handed-on" }), kind: "secret", name: context.seal.fingerprint(handle) } as const;
}

/** A handle of a refresh token: what a program is given of a person's login in its place (vault-http.md 10.3). */
export async function handOn(context: Context, entity: string, grant: LoginGrant): Promise<string> {
  const handle = `${PREFIX}${generateState()}`;
  const handed: HandedOn = { ...grant, entity };
  const place = { ...keyOf(context, handle), id: newId() };
  const row = plainRow(context, place, handed, { task: "expire", dueAt: context.clock.now() + LIFE_MS });
  await context.store.write(row, { absent: true });
  return handle;
}

export function isHandle(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** The refresh token of a handle, once: for whoever has logged in, and for where it came from. Throws `BrokerError`. */
export async function takeHandedOn(context: Context, handle: string, to: Receiver): Promise<string> {
  const row = await context.store.read(keyOf(context, handle));
  const handed = row && !isOver(context, row) ? openContent<HandedOn>(context, row) : undefined;
  if (!row || !handed || handed.entity !== to.entity) throw spent();
  if (handed.clientId !== to.clientId || handed.tokenEndpoint !== to.tokenEndpoint) {
    throw invalid("the login was made by another client, or at another provider, than those of this server");
  }
  if (!(await context.store.remove({ id: row.id, revision: row.revision }))) throw spent();
  return handed.refreshToken;
}

function spent() {
  return invalid(
    "refresh_token is a handle that was used, is older than 10 minutes, or is of another's login: log in again",
  );
}
