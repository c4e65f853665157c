import { deviceScopes, newDeviceId, requestDevice } from "../walk/index.ts";
import { act, type Card, type StepDefinition } from "./card.ts";
import { button, copyButton, el, field, textInput } from "./dom.ts";
import { qrView } from "./qr-view.ts";
import { tick } from "./waiting.ts";

/** Step 4. */
export const deviceStep: StepDefinition = {
  id: "device",
  needs: ({ found, client }) => (found?.metadata.device_authorization_endpoint === undefined ? undefined : client),
  build: (card) => {
    const { nodes, input } = scopeFields(card);
    const go = () => void card.walk.take(card, (state, world) => requestDevice(state, input(), world));
    return [...nodes, act("Request a code", go)];
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
    field("Device id", id, "Use a new id for each login: an id that is in use would take over that device."),
    el("div", { class: "buttons" }, button("New random id", "quiet small", renew)),
    field("Spelling of the scopes", spelling, "It follows from where the metadata were found."),
    field("scope", scope),
  ];
  return { nodes, input: () => ({ deviceId: id.value, scope: scope.value }) };
}

/** Step 5. */
export const codeStep: StepDefinition = {
  id: "code",
  needs: ({ device }) => device?.authorization,
  build: (card) => {
    const { device } = card.walk.state;
    if (!device) return [];
    const { userCode, verificationUri, verificationUriComplete = verificationUri } = device.authorization;
    const clock = el("span", { class: "clock" });
    const { world, signal } = card.walk;
    tick(clock, signal, () => clock.replaceChildren(timeLeft(device.expiresAt - world.now())));
    const code = el(
      "div",
      {},
      el("strong", { "aria-hidden": "true" }, userCode),
      el("span", { class: "hidden" }, `User code: ${spelled(userCode)}`),
      el(
        "div",
        { class: "buttons" },
        copyButton("Copy the code", () => userCode),
      ),
      el("p", {}, "Expires in ", clock),
    );
    return [
      el("div", { class: "code" }, ...(device.pageWarning ? [] : [qrView(verificationUriComplete)]), code),
      el(
        "p",
        {},
        `On ${new URL(verificationUri).host}: `,
        device.pageWarning ? verificationUriComplete : leading(verificationUriComplete),
      ),
      el(
        "p",
        { class: "soft" },
        "Only enter a code that you requested yourself: approving somebody else's code lets them in.",
      ),
      ...decisions(card, verificationUri, userCode),
    ];
  },
};

function leading(uri: string): HTMLElement {
  return el("a", { href: uri, target: "_blank", rel: "noreferrer" }, uri);
}

/** One character after the other, so that a screen reader reads no words. */
function spelled(code: string): string {
  return [...code].map((letter) => (letter === "-" ? "hyphen" : letter)).join(", ");
}

function timeLeft(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  return milliseconds <= 0 ? "now" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What the person of a playing homeserver would do at its page. */
function decisions({ walk }: Card, url: string, userCode: string): readonly Node[] {
  if (!walk.simulator) return [];
  const said = el("p", { "aria-live": "polite" });
  const decide = async (decision: "allow" | "deny") => {
    const body = new URLSearchParams({ user_code: userCode, decision });
    const { ok, status } = await walk.world.fetch(url, { method: "POST", body, signal: walk.signal });
    said.replaceChildren(ok ? `Decided: ${decision}.` : `The server's page refused (${status}).`);
  };
  return [
    el("p", { class: "soft" }, "This homeserver is simulated: decide for its user."),
    el(
      "div",
      { class: "buttons", role: "group", "aria-label": "The person's decision" },
      button("Allow", "quiet small", () => void decide("allow")),
      button("Deny", "quiet small", () => void decide("deny")),
    ),
    said,
  ];
}
