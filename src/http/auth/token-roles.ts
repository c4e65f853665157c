import { Type } from "typebox";
import { KeyList, ListParameters } from "../../api/index.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { notFound, unsupportedOperation } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { roleAsWritten } from "./mount.ts";
import { dataOf, foreignTo, parametersOf, sentIn } from "./schema.ts";

const TAG = "auth";
const ROOT = "/v1/auth/token/roles";

/** `auth/token/roles` (developer.hashicorp.com/vault/api-docs/auth/token): as what tokens are made at `auth/token/create/ROLE`. */
export function tokenRoles(app: VaultApp, { auth: { tokenRoles: roles } }: Deps): void {
  for (const url of [ROOT, `${ROOT}/`]) {
    app.get(url, {
      schema: describe({ tag: TAG, summary: "List token roles", querystring: ListParameters, data: KeyList }),
      handler: async (request, reply) => {
        if (!request.query.value.list) throw unsupportedOperation();
        const keys = await roles.list();
        if (keys.length === 0) throw notFound();
        return sendData(reply, { keys });
      },
    });
  }
  one(app, roles);
}

function one(app: VaultApp, roles: Deps["auth"]["tokenRoles"]): void {
  const url = `${ROOT}/:role`;
  const fields = { ...roles.fields, ...roles.formerly };
  const data = Type.Intersect([Type.Object({ name: Type.String() }), dataOf(fields)]);
  app.get(url, {
    schema: describe({ tag: TAG, summary: "Read a token role", querystring: NoParameters, data }),
    handler: async (request, reply) => {
      const role = await roles.read(roleAsWritten(request));
      if (!role) throw notFound();
      return sendData(reply, role);
    },
  });
  app.route({
    method: WRITE,
    url,
    schema: describe({ tag: TAG, summary: "Write a token role", body: parametersOf(fields), empty: true }),
    handler: async (request, reply) => {
      const sent = sentIn(request.body.value);
      await roles.write(roleAsWritten(request), sent);
      return sendDone(reply, foreignTo(fields, sent));
    },
  });
  app.delete(url, {
    schema: describe({ tag: TAG, summary: "Delete a token role", querystring: NoParameters, empty: true }),
    handler: async (request, reply) => {
      await roles.remove(roleAsWritten(request));
      return sendDone(reply);
    },
  });
}
