import { message } from "../messages/walk/index.ts";
import { deviceScopes, newDeviceId, requestDevice } from "../walk/index.ts";
import { act, type Card, type StepDefinition } from "./card.ts";
import { away, button, copyButton, el, field, fill, textInput } from "./dom.ts";
import { clockTime, say } from "./language.ts";
import { qrView } from "./qr-view.ts";
import { tick } from "./waiting.ts";

/** Step 4. */
export const deviceStep: StepDefinition = {
  id: "device",
  needs: ({ found, client }) => (found?.metadata.device_authorization_endpoint === undefined ? undefined : client),
  build: (card) => {
    const { nodes, input } = scopeFields(card);
    const go = () => void card.walk.take(card, (state, world) => requestDevice(state, input(), world));
    return [...nodes, act("device.button", go)];
  },
};

/** Which device, and in which spelling: what both flows ask for. */
export function scopeFields({ walk }: Card) {
  const id = textInput(newDeviceId(walk.world));
  const spelling = el("select", {}, el("option", {}, "stable"), el("option", {}, "unstable"));
  spelling.value = walk.state.found?.spelling ?? "stable";
  const scope = textInput("");
  const rewrite = () => {
    scope.value = deviceScopes({ spelling: spelling.value === "unstable" ? "unstable" : "stable" }, id.value).join(" ");
  };
  const renew = () => {
    id.value = newDeviceId(walk.world);
    rewrite();
  };
  id.addEventListener("input", rewrite);
  spelling.addEventListener("change", rewrite);
  rewrite();
  const nodes = [
    field(message("device.id"), id, message("device.id.help")),
    el("div", { class: "buttons" }, button(message("device.random"), "quiet small", renew)),
    field(message("device.spelling"), spelling, message("device.spelling.help")),
    field("scope", scope),
  ];
  return { nodes, input: () => ({ deviceId: id.value, scope: scope.value }) };
}

/** Step 5. */
export const codeStep: StepDefinition = {
  id: "code",
  ofLogin: true,
  needs: ({ device }) => device?.authorization,
  build: (card) => {
    const { device } = card.walk.state;
    if (!device) return [];
    const { userCode, verificationUri, verificationUriComplete = verificationUri } = device.authorization;
    const code = el(
      "div",
      {},
      el("strong", { "aria-hidden": "true" }, userCode),
      el("span", { class: "hidden" }, message("code.spelled", { letters: spelled(userCode) })),
      el(
        "div",
        { class: "buttons" },
        copyButton(message("code.copy"), () => userCode),
      ),
      expiry(card),
    );
    const { host } = new URL(verificationUri);
    return [
      el("div", { class: "code" }, ...(device.pageWarning ? [] : [qrView(verificationUriComplete)]), code),
      el(
        "p",
        {},
        message("code.at", { host }),
        " ",
        device.pageWarning ? verificationUriComplete : away(verificationUriComplete),
      ),
      el("p", { class: "soft" }, message("code.own")),
      ...decisions(card, verificationUri, userCode),
    ];
  },
};

/** How long the code lasts, and that it is over. */
function expiry({ walk }: Card): HTMLElement {
  const clock = el("p", { class: "clock" });
  tick(clock, walk.signal, () => {
    const { device, tokens, revoked } = walk.state;
    if (!device) return;
    const left = device.expiresAt - walk.world.now();
    if (tokens || revoked) fill(clock, message("code.used"));
    else fill(clock, left <= 0 ? message("code.expired") : message("code.expires", { time: clockTime(left) }));
  });
  return clock;
}

/** One character after the other, so that a screen reader reads no words. */
function spelled(code: string): string {
  return [...code].map((letter) => (letter === "-" ? say(message("code.hyphen")) : letter)).join(", ");
}

/** What the person of a playing homeserver would do at its page. */
function decisions({ walk }: Card, url: string, userCode: string): readonly Node[] {
  if (!walk.simulator) return [];
  const said = el("p", { "aria-live": "polite" });
  const decide = async (decision: "allow" | "deny") => {
    const body = new URLSearchParams({ user_code: userCode, decision });
    const { ok, status } = await walk.world.fetch(url, { method: "POST", body, signal: walk.signal });
    fill(
      said,
      ok ? message(`simulator.decided.${decision}`) : message("simulator.refused", { status: String(status) }),
    );
  };
  return [
    el("p", { class: "soft" }, message("simulator.decide")),
    el(
      "div",
      { class: "buttons", role: "group", "aria-label": message("simulator.decision") },
      button(message("simulator.allow"), "quiet small", () => void decide("allow")),
      button(message("simulator.deny"), "quiet small", () => void decide("deny")),
    ),
    said,
  ];
}
