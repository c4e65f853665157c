import {
  KeyList,
  ListParameters,
  OldPolicyData,
  OldPolicyList,
  OldPolicyParameters,
  PolicyData,
  PolicyParameters,
} from "../../api/index.ts";
import type { Policies } from "../../broker/access.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendBoth, sendData, sendDone } from "../answer/envelope.ts";
import { notFound, unsupportedOperation } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { nameOf } from "../input/names.ts";
import { checkPolicy } from "./check-policy.ts";

const TAG = "access";

/** `sys/policies/acl` and the older `sys/policy` (vault-http.md 6.1): the same policies in two forms. */
export function policies(app: VaultApp, { access }: Deps): void {
  present(app, access.policies);
  checkPolicy(app);
  old(app, access.policies);
}

function present(app: VaultApp, policies: Policies): void {
  const url = "/v1/sys/policies/acl";
  for (const list of [url, `${url}/`]) {
    app.get(list, {
      schema: describe({ tag: TAG, summary: "List policies", querystring: ListParameters, data: KeyList }),
      handler: async (request, reply) => {
        if (!request.query.value.list) throw unsupportedOperation();
        return sendData(reply, { keys: await policies.list() });
      },
    });
  }
  app.get(`${url}/*`, {
    schema: describe({ tag: TAG, summary: "Read a policy", querystring: NoParameters, data: PolicyData }),
    handler: async (request, reply) => sendData(reply, await named(policies, nameOf(request), "policy")),
  });
  app.route({
    method: WRITE,
    url: `${url}/*`,
    schema: describe({ tag: TAG, summary: "Write a policy", body: PolicyParameters, empty: true }),
    handler: async (request, reply) => {
      await policies.write(nameOf(request), request.body.value.policy);
      return sendDone(reply);
    },
  });
  removal(app, policies, url);
}

function old(app: VaultApp, policies: Policies): void {
  const url = "/v1/sys/policy";
  for (const list of [url, `${url}/`]) {
    app.get(list, {
      schema: describe({
        tag: TAG,
        summary: "List policies (older form)",
        querystring: ListParameters,
        data: OldPolicyList,
      }),
      handler: async (_request, reply) => {
        const keys = await policies.list();
        return sendBoth(reply, { keys, policies: keys });
      },
    });
  }
  app.get(`${url}/*`, {
    schema: describe({
      tag: TAG,
      summary: "Read a policy (older form)",
      querystring: NoParameters,
      data: OldPolicyData,
    }),
    handler: async (request, reply) => sendBoth(reply, await named(policies, nameOf(request), "rules")),
  });
  app.route({
    method: WRITE,
    url: `${url}/*`,
    schema: describe({ tag: TAG, summary: "Write a policy (older form)", body: OldPolicyParameters, empty: true }),
    handler: async (request, reply) => {
      const { policy, rules } = request.body.value;
      await policies.write(nameOf(request), policy === "" ? rules : policy);
      return sendDone(reply);
    },
  });
  removal(app, policies, url);
}

/** A policy by its name, its text under the key of the form. */
async function named<Key extends "policy" | "rules">(policies: Policies, name: string, key: Key) {
  const text = await policies.read(name);
  if (text === undefined) throw notFound();
  return { name: name.toLowerCase(), [key]: text };
}

function removal(app: VaultApp, policies: Policies, url: string): void {
  app.delete(`${url}/*`, {
    schema: describe({ tag: TAG, summary: "Delete a policy", querystring: NoParameters, empty: true }),
    handler: async (request, reply) => {
      await policies.remove(nameOf(request));
      return sendDone(reply);
    },
  });
}
