import type { Principal } from "../../access/authenticator.ts";
import { rfc3339, type TokenLookupData } from "../../api/index.ts";
import type { CreatedToken } from "../../broker/access.ts";
import type { Reply } from "./answer.ts";
import { sendData } from "./envelope.ts";

/** Vault's form of a token. One of a file never ends and is not renewable; when it was made is not kept. */
export function lookupData(principal: Principal, id: string, now: number): TokenLookupData {
  const { accessor, policies, path, displayName, token } = principal;
  const {
    meta = {},
    createdAt = 0,
    ttl = 0,
    expiresAt,
    explicitMaxTtl = 0,
    usesLeft = 0,
    period = 0,
    parent,
  } = token ?? {};
  const creation = Math.floor(createdAt / 1000);
  return {
    ...{ id, accessor, path },
    policies: [...policies],
    meta: Object.keys(meta).length > 0 ? meta : null,
    display_name: displayName,
    num_uses: usesLeft,
    orphan: parent === undefined,
    creation_time: creation,
    creation_ttl: ttl,
    expire_time: expiresAt === undefined ? null : rfc3339(expiresAt),
    ttl: secondsLeft(principal, now),
    explicit_max_ttl: explicitMaxTtl,
    entity_id: token?.entity?.id ?? "",
    type: "service",
    renewable: token?.renewable ?? false,
    ...(token && { issue_time: rfc3339(createdAt) }),
    ...(period > 0 && { period }),
    ...(token?.role !== undefined && { role: token.role }),
    ...(token?.boundCidrs && { bound_cidrs: [...token.boundCidrs] }),
    ...(token?.renewedAt !== undefined && {
      last_renewal: rfc3339(token.renewedAt),
      last_renewal_time: Math.floor(token.renewedAt / 1000),
    }),
  };
}

function secondsLeft({ token }: Principal, now: number): number {
  return token?.expiresAt === undefined ? 0 : Math.max(0, Math.floor((token.expiresAt - now) / 1000));
}

/** Whole, however long it took to say so. */
function lifeGiven({ token }: Principal): number {
  if (token?.expiresAt === undefined) return 0;
  return Math.round((token.expiresAt - (token.renewedAt ?? token.createdAt)) / 1000);
}

interface Auth {
  /** Empty where it was named by its accessor. */
  readonly client_token: string;
  readonly principal: Principal;
  readonly warnings: readonly string[];
  readonly once?: CreatedToken["once"];
}

/** The auth block of whatever makes or renews a token. */
export function sendAuth(reply: Reply, { client_token, principal, warnings, once }: Auth): Reply {
  const { accessor, policies, token } = principal;
  const meta = { ...token?.meta, ...once };
  return sendData(reply, null, {
    warnings,
    auth: {
      ...{ client_token, accessor },
      policies: [...policies],
      token_policies: [...policies],
      identity_policies: [],
      metadata: Object.keys(meta).length > 0 ? meta : null,
      lease_duration: lifeGiven(principal),
      renewable: token?.renewable ?? false,
      entity_id: token?.entity?.id ?? "",
      token_type: "service",
      orphan: token?.parent === undefined,
      mfa_requirement: null,
      num_uses: token?.usesLeft ?? 0,
    },
  });
}
