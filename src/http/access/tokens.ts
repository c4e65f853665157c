import type { TSchema } from "typebox";
import type { Principal } from "../../access/authenticator.ts";
import {
  AccessorParameters,
  KeyList,
  ListParameters,
  RenewAccessorParameters,
  RenewParameters,
  RenewSelfParameters,
  TokenCreateParameters,
  TokenLookupData,
  TokenParameters,
} from "../../api/index.ts";
import type { TokenInput, TokenName } from "../../broker/access.ts";
import type { Reply } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { badRequest, HttpError, unsupportedOperation } from "../answer/http-error.ts";
import { lookupData, sendAuth } from "../answer/token-data.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { requirePrincipal, tokenOf } from "../gate/guard.ts";
import { WRITE } from "../gate/methods.ts";
import { textsByName } from "../input/texts-by-name.ts";

const TAG = "auth";
const ROOT = "/v1/auth/token";

/** `auth/token/…` (vault-http.md section 5). */
export function tokens(app: VaultApp, deps: Deps): void {
  lookups(app, deps);
  creations(app, deps);
  renewals(app, deps);
  revocations(app, deps);
  accessors(app, deps);
}

function written<Body extends TSchema>(summary: string, body: Body, data?: TSchema) {
  return { method: WRITE, schema: describe({ tag: TAG, summary, body, ...(data ? { data } : { empty: true }) }) };
}

/** What is named, as its own holder would be known; whoever asks about a wrong one may know that it is wrong. */
async function named({ access }: Deps, name: TokenName): Promise<Principal> {
  const principal = await access.tokens.find(name);
  if (!principal) throw new HttpError(403, ["token" in name ? "bad token" : "invalid accessor"]);
  return principal;
}

function lookups(app: VaultApp, deps: Deps): void {
  const { clock } = deps;
  const self = `${ROOT}/lookup-self`;
  app.route({
    method: ["GET", "POST", "PUT"],
    url: self,
    schema: describe({
      tag: TAG,
      summary: "Read the caller's own token",
      querystring: NoParameters,
      data: TokenLookupData,
    }),
    handler: async (request, reply) => {
      const principal = await requirePrincipal(request, deps);
      return sendData(reply, lookupData(principal, tokenOf(request.headers), clock.now()));
    },
  });
  app.route({
    ...written("Read a token", TokenParameters, TokenLookupData),
    url: `${ROOT}/lookup`,
    handler: async ({ body }, reply) => {
      const { token } = body.value;
      return sendData(reply, lookupData(await named(deps, { token }), token, clock.now()));
    },
  });
  app.route({
    ...written("Read a token by its accessor", AccessorParameters, TokenLookupData),
    url: `${ROOT}/lookup-accessor`,
    handler: async ({ body }, reply) =>
      sendData(reply, lookupData(await named(deps, { accessor: body.value.accessor }), "", clock.now())),
  });
}

function creations(app: VaultApp, deps: Deps): void {
  const ways = {
    create: "Create a token",
    "create-orphan": "Create a token without a parent",
    "create/:role": "Create a token as a role",
  };
  for (const [way, summary] of Object.entries(ways)) {
    app.route({
      ...written(summary, TokenCreateParameters),
      url: `${ROOT}/${way}`,
      handler: async (request, reply) => {
        const caller = await requirePrincipal(request, deps);
        const { role } = textsByName(request.params);
        const input = inputOf(request.body.value, `auth/token/${way.replace(":role", () => role ?? "")}`);
        const { token: client_token, principal, warnings } = await deps.access.tokens.create(caller, input, role);
        return sendAuth(reply, { client_token, principal, warnings });
      },
    });
  }
}

function inputOf(value: Required<TokenCreateParameters>, path: string): TokenInput {
  if (!["", "service", "default-service", "default"].includes(value.type)) {
    throw badRequest('tokens of another type than "service" are not supported');
  }
  if (value.id !== "") throw badRequest("a chosen id is not supported: tokens are random");
  if (value.entity_alias !== "") throw badRequest("entity_alias is not supported");
  return {
    policies: value.policies,
    noDefaultPolicy: value.no_default_policy,
    orphan: value.no_parent || path === "auth/token/create-orphan",
    displayName: value.display_name,
    meta: value.meta,
    ttl: value.ttl,
    explicitMaxTtl: value.explicit_max_ttl,
    period: value.period,
    uses: value.num_uses,
    renewable: value.renewable,
    path,
  };
}

function renewals(app: VaultApp, deps: Deps): void {
  const renew = async (reply: Reply, principal: Principal, increment: number, client_token: string) => {
    const renewed = await deps.access.tokens.renew(principal, increment);
    return sendAuth(reply, { client_token, ...renewed });
  };
  app.route({
    ...written("Renew the caller's own token", RenewSelfParameters),
    url: `${ROOT}/renew-self`,
    handler: async (request, reply) => {
      const principal = await requirePrincipal(request, deps);
      return renew(reply, principal, request.body.value.increment, tokenOf(request.headers));
    },
  });
  app.route({
    ...written("Renew a token", RenewParameters),
    url: `${ROOT}/renew`,
    handler: async ({ body: { value } }, reply) =>
      renew(reply, await named(deps, { token: value.token }), value.increment, value.token),
  });
  app.route({
    ...written("Renew a token by its accessor", RenewAccessorParameters),
    url: `${ROOT}/renew-accessor`,
    handler: async ({ body: { value } }, reply) =>
      renew(reply, await named(deps, { accessor: value.accessor }), value.increment, ""),
  });
}

function revocations(app: VaultApp, deps: Deps): void {
  const { tokens: all } = deps.access;
  app.route({
    ...written("Revoke the caller's own token, and what it made", NoParameters),
    url: `${ROOT}/revoke-self`,
    handler: async (request, reply) => {
      await all.revoke(await requirePrincipal(request, deps));
      return sendDone(reply);
    },
  });
  for (const noun of ["revoke", "revoke-orphan"] as const) {
    const summary = noun === "revoke" ? "Revoke a token, and what it made" : "Revoke a token, and leave what it made";
    app.route({
      ...written(summary, TokenParameters),
      url: `${ROOT}/${noun}`,
      handler: async ({ body }, reply) => {
        await all.revoke(await named(deps, { token: body.value.token }), noun === "revoke" ? undefined : "children");
        return sendDone(reply);
      },
    });
  }
  app.route({
    ...written("Revoke a token by its accessor, and what it made", AccessorParameters),
    url: `${ROOT}/revoke-accessor`,
    handler: async ({ body }, reply) => {
      await all.revoke(await named(deps, { accessor: body.value.accessor }));
      return sendDone(reply);
    },
  });
}

function accessors(app: VaultApp, { access }: Deps): void {
  for (const url of [`${ROOT}/accessors`, `${ROOT}/accessors/`]) {
    app.get(url, {
      schema: describe({
        tag: TAG,
        summary: "List the accessors of all tokens",
        querystring: ListParameters,
        data: KeyList,
      }),
      handler: async (request, reply) => {
        if (!request.query.value.list) throw unsupportedOperation();
        return sendData(reply, { keys: await access.tokens.accessors() });
      },
    });
  }
}
