import { type Claims, claimAt } from "./claims.ts";
import { LoginRefused } from "./method.ts";

/** A service account of a cluster. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Of a token that is bound to a pod, and of those before Kubernetes 1.21, whose claims are flat. Throws `LoginRefused`. */
export function accountIn(claims: Claims): Account {
  const flat = (name: string) => claims[`kubernetes.io/serviceaccount/${name}`];
  return accountOf({
    namespace: claimAt(claims, "/kubernetes.io/namespace") ?? flat("namespace"),
    name: claimAt(claims, "/kubernetes.io/serviceaccount/name") ?? flat("service-account.name"),
    uid: claimAt(claims, "/kubernetes.io/serviceaccount/uid") ?? flat("service-account.uid"),
  });
}

/** Throws `LoginRefused` for what names no account. */
export function accountOf(told: Readonly<Record<keyof Account, unknown>>): Account {
  const [namespace, name, uid] = [told.namespace, told.name, told.uid].map((one) =>
    typeof one === "string" ? one : "",
  );
  if (!namespace || !name || !uid) throw new LoginRefused("the token is no service account's");
  return { namespace, name, uid };
}
