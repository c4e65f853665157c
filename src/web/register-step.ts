import { REGISTERED_MEMBERS } from "../api/walk.ts";
import { message } from "../messages/walk/index.ts";
import { checkClientMetadata } from "../protocol/client/check-client-metadata.ts";
import type { ClientMetadata } from "../protocol/client/registration.ts";
import { MATRIX_CLIENT } from "../providers/matrix-client.ts";
import { register, told } from "../walk/index.ts";
import { act, type StepDefinition } from "./card.ts";
import { el, field, fill, textInput } from "./dom.ts";

/** RFC 7591 2: members that are not asked for by default. */
const OPTIONAL = ["logo_uri", "tos_uri", "policy_uri"] as const;

interface Member {
  readonly name: string;
  readonly input: HTMLInputElement | HTMLTextAreaElement;
  /** Undefined: left out. */
  value(): unknown;
}

/** Step 3: every member can be changed (MX-P1), and the body that would be sent is there as it is typed. */
export const registerStep: StepDefinition = {
  id: "register",
  needs: ({ found }) => found,
  build: (card) => {
    const members = [...Object.entries(MATRIX_CLIENT), ...OPTIONAL.map((name) => [name, ""] as const)].map(memberOf);
    const more = el("textarea", { spellcheck: "false" }, "");
    const initial = textInput("");
    const violations = el("div", { "aria-live": "polite" });
    const exact = el("pre");
    const look = () => {
      const body = bodyOf(members, more.value);
      fill(exact, JSON.stringify(body, null, 2));
      fill(violations, ...problemList(body));
    };
    for (const input of [...members.map((member) => member.input), more]) input.addEventListener("input", look);
    look();
    const go = () => {
      const initialAccessToken = initial.value;
      const input = { body: bodyOf(members, more.value), ...(initialAccessToken !== "" && { initialAccessToken }) };
      void card.walk.take(card, (state, world) => register(state, input, world));
      initial.value = "";
    };
    return [
      ...members.map(({ name, input }) => field(name, input, reasonOf(name))),
      field(message("register.more"), more, message("register.more.help", { example: '{"software_id": "…"}' })),
      field(message("register.initial"), initial, message("register.initial.help")),
      violations,
      el("h3", {}, message("register.exact")),
      exact,
      act("register.button", go),
    ];
  },
};

function reasonOf(name: string) {
  const known = REGISTERED_MEMBERS.find((one) => one === name);
  return known && message(`register.${known}`);
}

function memberOf([name, value]: readonly [string, string | readonly string[]]): Member {
  if (typeof value === "string") {
    const input = textInput(value);
    return { name, input, value: () => (input.value === "" ? undefined : input.value) };
  }
  const input = el("textarea", { spellcheck: "false", rows: String(value.length) }, value.join("\n"));
  const lines = () => input.value.split("\n").filter((line) => line.trim() !== "");
  return { name, input, value: () => (lines().length === 0 ? undefined : lines()) };
}

function bodyOf(members: readonly Member[], more: string): ClientMetadata {
  const entries = members.map(({ name, value }) => [name, value()] as const);
  const present = entries.filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), ...objectOf(more) };
}

function objectOf(text: string): ClientMetadata {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as ClientMetadata) : {};
  } catch {
    return {};
  }
}

function problemList(body: ClientMetadata): readonly HTMLElement[] {
  const { violations, warnings } = checkClientMetadata(body);
  const list = (look: string, texts: readonly string[]) =>
    texts.length === 0 ? [] : [el("ul", { class: look }, ...texts.map((text) => el("li", {}, told(text))))];
  return [...list("violations", violations), ...list("soft", warnings)];
}
