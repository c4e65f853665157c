import {
  asksForNothing,
  type Credential,
  type Identity,
  type Issued,
  isRenewable,
  lapsedText,
  type PermanentReason,
  type Reason,
  settleDeath,
} from "../credential/index.ts";

/** What a session shows of its credential. */
export type Status =
  | { readonly kind: "pending"; readonly credential: Extract<Credential, { status: "pending" }> }
  | { readonly kind: "active"; readonly credential: Issued; readonly account?: Identity; readonly trouble?: Trouble }
  | { readonly kind: "denied" | "expired" | "failed"; readonly ended: Ended };

/** Something is wrong with a session that can be used all the same. */
interface Trouble {
  readonly reason: Reason;
  readonly text: string;
  readonly providerError?: string;
}

interface Ended {
  readonly reason: PermanentReason;
  readonly text: string;
  readonly providerError?: string;
}

export function statusOf(state: Credential, now: number): Status {
  if (state.status === "pending") {
    return state.expiresAt > now ? { kind: "pending", credential: state } : endedStatus(RAN_OUT);
  }
  const settled = state.status === "issued" ? settleDeath(state, now) : state;
  if (settled.status === "failed") return endedStatus(settled, asksForNothing(settled.grant));
  // Without a refresh token nothing can bring another one.
  const lapsed = !isRenewable(settled) && settled.expiresAt !== undefined && settled.expiresAt <= now;
  return lapsed ? endedStatus({ reason: "token_expired", text: lapsedText(settled) }) : activeStatus(settled);
}

const RAN_OUT = { reason: "expired_token", text: "the login was not finished in time" } as const;

function activeStatus(credential: Issued): Status {
  const { identity, trouble } = credential;
  return {
    kind: "active",
    credential,
    ...(identity && { account: identity }),
    ...(trouble && { trouble: troubleOf(trouble) }),
  };
}

function troubleOf(trouble: NonNullable<Issued["trouble"]>): Trouble {
  const reason = trouble.kind === "suspect" ? "temporarily_unavailable" : trouble.reason;
  const { text, providerError } = { providerError: undefined, ...trouble };
  return { reason, text, ...(providerError !== undefined && { providerError }) };
}

const KINDS: Partial<Record<PermanentReason, "denied" | "expired">> = {
  access_denied: "denied",
  expired_token: "expired",
};

function endedStatus({ reason, text, providerError }: Ended, isWithoutScopes = false): Status {
  const said = reason === "access_denied" ? deniedText(text, isWithoutScopes) : text;
  return {
    kind: KINDS[reason] ?? "failed",
    ended: { reason, text: said, ...(providerError !== undefined && { providerError }) },
  };
}

/** Who is told this is a person: not in the words of the protocol, but with what the provider says beside them. */
function deniedText(text: string, isWithoutScopes: boolean): string {
  const [, said = ""] = /server rejected request: access_denied(?::\s*)?(.*)$/s.exec(text) ?? [];
  const more = said === "" ? "" : ` (the provider says: ${said})`;
  // RFC 6749 4.1.2.1: "the resource owner or authorization server denied the request".
  const who = isWithoutScopes
    ? `${WITHOUT_SCOPES}${more}`
    : `the person denied the login${more}; if that was a mistake`;
  return `${who}, sign in again`;
}

const WITHOUT_SCOPES =
  "the person denied the login, or the provider did because it asks for no scopes (--scopes names some)";
