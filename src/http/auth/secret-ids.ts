import { Type } from "typebox";
import {
  KeyList,
  ListParameters,
  MakeSecretIdParameters,
  RoleIdParameters,
  rfc3339,
  SecretIdNameParameters,
} from "../../api/index.ts";
import type { SecretIdName, SecretIdView } from "../../broker/auth.ts";
import type { Reply } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { notFound, unsupportedOperation } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { requireMount, roleOf } from "./mount.ts";

const TAG = "auth";
const ROOT = "/v1/auth/:mount/role/:role";

interface Request {
  readonly params: unknown;
}

/** The paths of AppRole alone (developer.hashicorp.com/vault/api-docs/auth/approle). */
export function secretIds(app: VaultApp, deps: Deps): void {
  roleId(app, deps);
  making(app, deps, { url: `${ROOT}/secret-id`, isChosen: false });
  making(app, deps, { url: CHOSEN, isChosen: true });
  listing(app, deps);
  named(app, deps, "secret-id", ({ secret_id }) => ({ secretId: secret_id }));
  named(app, deps, "secret-id-accessor", ({ secret_id_accessor }) => ({ accessor: secret_id_accessor }));
}

const at = async (deps: Deps, request: Request) => {
  const { mount } = await requireMount(deps, request, ({ type }) => type === "approle");
  return { mount, role: roleOf(request), secretIds: deps.auth.secretIds };
};

function roleId(app: VaultApp, deps: Deps): void {
  const url = `${ROOT}/role-id`;
  app.get(url, {
    schema: describe({ tag: TAG, summary: "Read the role id of a role", querystring: NoParameters, data: RoleIdData }),
    handler: async (request, reply) => {
      const { mount, role, secretIds } = await at(deps, request);
      const role_id = await secretIds.roleId(mount, role);
      if (role_id === undefined) throw notFound();
      return sendData(reply, { role_id });
    },
  });
  app.route({
    method: WRITE,
    url,
    schema: describe({ tag: TAG, summary: "Choose the role id of a role", body: RoleIdParameters, empty: true }),
    handler: async (request, reply) => {
      const { mount, role, secretIds } = await at(deps, request);
      await secretIds.writeRoleId(mount, role, request.body.value.role_id);
      return sendDone(reply);
    },
  });
}

const RoleIdData = Type.Object({ role_id: Type.String() });

const MadeData = Type.Object({
  secret_id: Type.String(),
  secret_id_accessor: Type.String(),
  secret_id_num_uses: Type.Integer(),
  secret_id_ttl: Type.Integer(),
});

const CHOSEN = `${ROOT}/custom-secret-id`;

function making(
  app: VaultApp,
  deps: Deps,
  { url, isChosen }: { readonly url: string; readonly isChosen: boolean },
): void {
  const summary = isChosen ? "Keep a secret id that was chosen" : "Make a secret id";
  app.route({
    method: WRITE,
    url,
    schema: describe({ tag: TAG, summary, body: MakeSecretIdParameters, data: MadeData }),
    handler: async (request, reply) => {
      const { mount, role, secretIds } = await at(deps, request);
      const { secret_id, metadata, cidr_list, token_bound_cidrs, num_uses, ttl } = request.body.value;
      const made = await secretIds.make(mount, role, {
        secretId: isChosen ? secret_id : "",
        metadata,
        cidrs: cidr_list,
        tokenCidrs: token_bound_cidrs,
        uses: num_uses,
        ttl,
      });
      return sendData(reply, {
        secret_id: made.secretId,
        secret_id_accessor: made.accessor,
        secret_id_num_uses: made.usesLeft,
        secret_id_ttl: made.ttl,
      });
    },
  });
}

function listing(app: VaultApp, deps: Deps): void {
  for (const url of [`${ROOT}/secret-id`, `${ROOT}/secret-id/`]) {
    app.get(url, {
      schema: describe({
        tag: TAG,
        summary: "List accessors of secret ids",
        querystring: ListParameters,
        data: KeyList,
      }),
      handler: async (request, reply) => {
        if (!request.query.value.list) throw unsupportedOperation();
        const { mount, role, secretIds } = await at(deps, request);
        const keys = await secretIds.accessors(mount, role);
        if (keys.length === 0) throw notFound();
        return sendData(reply, { keys });
      },
    });
  }
}

const SecretIdData = Type.Object({
  cidr_list: Type.Array(Type.String()),
  creation_time: Type.String({ format: "date-time" }),
  expiration_time: Type.String({ format: "date-time" }),
  last_updated_time: Type.String({ format: "date-time" }),
  metadata: Type.Record(Type.String(), Type.String()),
  secret_id_accessor: Type.String(),
  secret_id_num_uses: Type.Integer(),
  secret_id_ttl: Type.Integer(),
  token_bound_cidrs: Type.Array(Type.String()),
});

/** `lookup` and `destroy`: one that is not there is 204, or 404 by its accessor, as in Vault. */
function named(
  app: VaultApp,
  deps: Deps,
  noun: "secret-id" | "secret-id-accessor",
  nameOf: (value: Required<SecretIdNameParameters>) => SecretIdName,
): void {
  const body = SecretIdNameParameters;
  const lookup = `${ROOT}/${noun}/lookup`;
  app.route({
    method: WRITE,
    url: lookup,
    schema: describe({ tag: TAG, summary: "Read what is known of a secret id", body, data: SecretIdData, empty: true }),
    handler: async (request, reply) => {
      const { mount, role, secretIds } = await at(deps, request);
      const found = await secretIds.find(mount, role, nameOf(request.body.value));
      if (found) return sendView(reply, found);
      if (noun === "secret-id-accessor") throw notFound();
      return sendDone(reply);
    },
  });
  const destroy = `${ROOT}/${noun}/destroy`;
  app.route({
    method: WRITE,
    url: destroy,
    schema: describe({ tag: TAG, summary: "Destroy a secret id", body, empty: true }),
    handler: async (request, reply) => {
      const { mount, role, secretIds } = await at(deps, request);
      await secretIds.remove(mount, role, nameOf(request.body.value));
      return sendDone(reply);
    },
  });
}

/** Go's zero time where it never ends. */
const NEVER = "0001-01-01T00:00:00Z";

function sendView(reply: Reply, view: SecretIdView): Reply {
  return sendData(reply, {
    cidr_list: view.cidrs,
    creation_time: rfc3339(view.createdAt),
    expiration_time: view.expiresAt === undefined ? NEVER : rfc3339(view.expiresAt),
    last_updated_time: rfc3339(view.changedAt),
    metadata: view.metadata,
    secret_id_accessor: view.accessor,
    secret_id_num_uses: view.usesLeft,
    secret_id_ttl: view.ttl,
    token_bound_cidrs: view.tokenCidrs,
  });
}
