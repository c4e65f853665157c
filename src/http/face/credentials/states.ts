import { type Html, html } from "../../../html.ts";
import type { FaceKey } from "../../../messages/face/index.ts";
import type { Facts } from "../facts.ts";
import type { Visit } from "../visit.ts";

/** How a credential is, in words: who has to do something, if anybody. */
export interface State {
  readonly key: FaceKey & `state.${string}`;
  readonly look: "good" | "bad" | "wait";
  /** Nobody, the person whose account it is, or an operator. */
  readonly fixedBy: "nobody" | "person" | "operator" | "time";
}

const FIXED: Readonly<Record<string, State>> = {
  person: { key: "state.person", look: "bad", fixedBy: "person" },
  operator: { key: "state.operator", look: "bad", fixedBy: "operator" },
  time: { key: "state.retried", look: "wait", fixedBy: "time" },
};

/** From what lists and histories of the API tell alike; undefined for a record that it cannot open. */
export function stateOf(info: Facts): State | undefined {
  const [status, by = ""] = [info.text("status"), info.text("fixed_by")];
  if (status === undefined) return undefined;
  if (status === "failed") {
    const isOperators = by === "operator";
    const key = isOperators ? "state.failed-operator" : "state.failed";
    return { key, look: "bad", fixedBy: isOperators ? "operator" : "person" };
  }
  const trouble = info.knows("reason") ? FIXED[by] : undefined;
  if (status === "pending")
    return by === "operator" && trouble ? trouble : { key: "state.pending", look: "wait", fixedBy: "person" };
  return trouble ?? { key: "state.good", look: "good", fixedBy: "nobody" };
}

export function stateBadge({ say }: Visit, info: Facts): Html {
  const { key, look } = stateOf(info) ?? { key: "state.unknown" as const, look: "bad" as const };
  return html`<span class="state ${look}">${say(key)}</span>`;
}

/** Who signed in, as people call them. */
export function accountOf(info: Facts): string {
  const account = info.of("account");
  return account.text("name") ?? account.text("subject") ?? "";
}
