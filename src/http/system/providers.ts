import { KeyList, ListParameters, ProviderData } from "../../api/index.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import { notFound, unsupportedOperation } from "../answer/http-error.ts";
import type { Deps, ProviderOption, VaultApp } from "../app-types.ts";
import { textsByName } from "../input/texts-by-name.ts";

/** `sys/providers`: what a server may be of, and what each wants to be told; the data that docs/providers.md is made of. */
export function providers(app: VaultApp, { providers: known }: Pick<Deps, "providers">): void {
  const url = "/v1/sys/providers";
  for (const list of [url, `${url}/`]) {
    app.get(list, {
      schema: describe({ tag: "system", summary: "List providers", querystring: ListParameters, data: KeyList }),
      handler: async (request, reply) => {
        if (!request.query.value.list) throw unsupportedOperation();
        return sendData(reply, { keys: [...known.ids()] });
      },
    });
  }
  app.get(`${url}/:id`, {
    schema: describe({
      tag: "system",
      summary: "Read what a provider wants to be told of a server",
      querystring: NoParameters,
      data: ProviderData,
    }),
    handler: async (request, reply) => {
      const { id = "" } = textsByName(request.params);
      const found = known.read(id);
      if (!found) throw notFound();
      const { docs, register, note, needsClientId, options } = found;
      const data: ProviderData = {
        docs,
        ...(register !== undefined && { register }),
        ...(note !== undefined && { note }),
        client_id: needsClientId,
        options: Object.fromEntries(options.map(([name, option]) => [name, optionData(option)])),
      };
      return sendData(reply, data);
    },
  });
}

function optionData({ kind, about, required, requiredUnless, default: usual, choices }: ProviderOption) {
  return {
    kind,
    ...(about !== undefined && { about }),
    required: required !== undefined,
    ...(requiredUnless !== undefined && { unless: requiredUnless }),
    ...(usual !== undefined && { default: usual }),
    ...(choices && { choices: [...choices] }),
  };
}
