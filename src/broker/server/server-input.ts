import { didYouMean, findProvider, type Provider, providerIds } from "../../providers/index.ts";
import type { ServerInput } from "../broker.ts";
import { invalid } from "../errors.ts";

/** Throws `BrokerError`, with the name that was probably meant. */
export function givenProvider(input: Pick<ServerInput, "provider">): Provider {
  if (input.provider === "") throw invalid("missing provider");
  const provider = findProvider(input.provider);
  if (!provider) {
    throw invalid(`provider "${input.provider}" does not exist${didYouMean(input.provider, providerIds())}`);
  }
  return provider;
}

/** In the order in which they are tried. */
export function givenSecrets({ clientSecret, clientSecrets }: ServerInput): readonly string[] {
  return [clientSecret, ...clientSecrets].filter((secret) => secret !== "");
}

/** `registration=renew` is an order, carried out once: written again as it is read, the record registers nothing. */
export function withoutRenewal(options: ServerInput["providerOptions"]): ServerInput["providerOptions"] {
  return options.registration === "renew" ? { ...options, registration: "dynamic" } : options;
}
