import type { Recognize } from "../access/authenticator.ts";
import { Callers, type Root } from "./access/callers.ts";
import { createPolicies } from "./access/policies.ts";
import { tokenName } from "./access/token-rows.ts";
import { createTokens } from "./access/tokens.ts";
import { createWrapping } from "./access/wrapping.ts";
import type { Access } from "./access.ts";
import { type AuditPlaces, createAuditDevices, type KeptDevices } from "./audit/audit-devices.ts";
import { livesNow, readTokenRole } from "./auth/token-roles.ts";
import type { Auth } from "./auth.ts";
import { createAuth } from "./create-auth.ts";
import type { Context } from "./process/context.ts";

interface Bound {
  readonly access: Access;
  readonly auth: Auth;
  /** Who brings which token. */
  readonly callers: Pick<Callers, "ready" | "authenticate">;
  readonly devices: KeptDevices;
  /** From now on this is the root token. */
  exchangeRoot(token: string, recognize: Recognize): void;
}

interface Given extends AuditPlaces {
  readonly rootToken: string;
  readonly recognize: Recognize;
}

/** The use cases of access, bound to what they work with. The root token is the one that its recognizer knows. */
export function createAccess(context: Context, { rootToken, recognize, ...places }: Given): Bound {
  const callers = new Callers(context, rootOf(rootToken, recognize));
  const devices = createAuditDevices(context, places);
  return {
    access: {
      policies: createPolicies(context, callers),
      tokens: createTokens(context, callers, {
        find: (name) => readTokenRole(context, name),
        livesOf: (token) => livesNow(context, token),
      }),
      wrapping: createWrapping(context),
      audit: devices,
    },
    auth: createAuth(context, callers),
    callers,
    devices,
    exchangeRoot: (token, itsRecognize) => callers.exchangeRoot(rootOf(token, itsRecognize)),
  };
}

function rootOf(token: string, recognize: Recognize): Root {
  const principal = recognize(token);
  if (!principal) throw new TypeError("the root token is not known as such");
  return { recognize, principal, name: tokenName(token) };
}
