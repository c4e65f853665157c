import { KeyList, ListParameters } from "../../api/index.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { notFound, unsupportedOperation } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { requireMount, roleOf } from "./mount.ts";
import { dataOf, foreignTo, parametersOf, sentIn, together } from "./schema.ts";

const TAG = "auth";
const ROOT = "/v1/auth/:mount";

/** What every method has: its configuration and its roles, wherever it is enabled (vault-http.md section 8). */
export function methods(app: VaultApp, deps: Deps): void {
  configuration(app, deps);
  for (const noun of ["role", "certs"] as const) {
    if (!deps.auth.methods.some((method) => method.noun === noun)) continue;
    listing(app, deps, noun);
    roles(app, deps, noun);
  }
}

function configuration(app: VaultApp, deps: Deps): void {
  const { auth } = deps;
  const url = `${ROOT}/config`;
  const fields = together(auth.methods.map(({ config }) => config));
  const has = ({ config }: { readonly config: object }) => Object.keys(config).length > 0;
  app.get(url, {
    schema: describe({
      tag: TAG,
      summary: "Read how a method is configured",
      querystring: NoParameters,
      data: () => dataOf(fields),
    }),
    handler: async (request, reply) => {
      const { mount } = await requireMount(deps, request, has);
      const config = await auth.config(mount);
      if (!config) throw notFound();
      return sendData(reply, config);
    },
  });
  app.route({
    method: WRITE,
    url,
    schema: describe({ tag: TAG, summary: "Configure a method", body: parametersOf(fields), empty: true }),
    handler: async (request, reply) => {
      const { mount, method } = await requireMount(deps, request, has);
      const sent = sentIn(request.body.value);
      await auth.writeConfig(mount, sent);
      return sendDone(reply, foreignTo(method.config, sent));
    },
  });
}

function listing(app: VaultApp, deps: Deps, noun: "role" | "certs"): void {
  for (const url of [`${ROOT}/${noun}`, `${ROOT}/${noun}/`]) {
    app.get(url, {
      schema: describe({ tag: TAG, summary: "List the roles of a method", querystring: ListParameters, data: KeyList }),
      handler: async (request, reply) => {
        if (!request.query.value.list) throw unsupportedOperation();
        const { mount } = await requireMount(deps, request, (method) => method.noun === noun);
        const keys = await deps.auth.roles(mount);
        if (keys.length === 0) throw notFound();
        return sendData(reply, { keys });
      },
    });
  }
}

function roles(app: VaultApp, deps: Deps, noun: "role" | "certs"): void {
  const { auth } = deps;
  const url = `${ROOT}/${noun}/:role`;
  const some = auth.methods.filter((method) => method.noun === noun);
  const fields = together(some.map(({ role, formerly }) => ({ ...role, ...formerly })));
  const has = (method: { readonly noun: string }) => method.noun === noun;
  app.get(url, {
    schema: describe({
      tag: TAG,
      summary: "Read a role of a method",
      querystring: NoParameters,
      data: () => dataOf(fields),
    }),
    handler: async (request, reply) => {
      const { mount } = await requireMount(deps, request, has);
      const role = await auth.role(mount, roleOf(request));
      if (!role) throw notFound();
      return sendData(reply, role);
    },
  });
  app.route({
    method: WRITE,
    url,
    schema: describe({ tag: TAG, summary: "Write a role of a method", body: parametersOf(fields), empty: true }),
    handler: async (request, reply) => {
      const { mount, method } = await requireMount(deps, request, has);
      const sent = sentIn(request.body.value);
      await auth.writeRole(mount, roleOf(request), sent);
      return sendDone(reply, foreignTo({ ...method.role, ...method.formerly }, sent));
    },
  });
  app.delete(url, {
    schema: describe({ tag: TAG, summary: "Delete a role of a method", querystring: NoParameters, empty: true }),
    handler: async (request, reply) => {
      const { mount } = await requireMount(deps, request, has);
      await auth.removeRole(mount, roleOf(request));
      return sendDone(reply);
    },
  });
}
