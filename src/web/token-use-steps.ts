import { message } from "../messages/walk/index.ts";
import { refresh, revoke, type WalkState, whoAmI } from "../walk/index.ts";
import { act, type StepDefinition } from "./card.ts";
import { button, el, field } from "./dom.ts";
import { eventChoice } from "./simulator.ts";

/** The login that the tokens are of: a refresh leaves it the same. */
const login = ({ tokens }: WalkState): unknown => tokens?.requestedScopes;

/** Step 7. */
export const whoAmIStep: StepDefinition = {
  id: "whoami",
  ofLogin: true,
  needs: login,
  build: (card) => [
    act("whoami.button", () => void card.walk.take(card, (state, world) => whoAmI(state, {}, world))),
    ...eventChoice(card.walk),
  ],
};

/** Step 8; a replay or a lost answer may cost the login, so it is for simulated homeservers. */
export const refreshStep: StepDefinition = {
  id: "refresh",
  ofLogin: true,
  needs: login,
  build: (card) => {
    const { walk } = card;
    const again = () => void walk.take(card, (state, world) => refresh(state, { replay: true }, world), false);
    const lose = () => void walk.take(card, (state, world) => refresh(state, { lost: true }, world), false);
    const playing = [button(message("refresh.lose"), "quiet", lose), button(message("refresh.replay"), "quiet", again)];
    const replay = walk.simulator ? playing : [];
    const go = () => void walk.take(card, (state, world) => refresh(state, {}, world), false);
    return [el("div", { class: "buttons" }, button(message("refresh.button"), "", go), ...replay)];
  },
};

/** Step 9. */
export const revokeStep: StepDefinition = {
  id: "revoke",
  ofLogin: true,
  needs: login,
  build: (card) => {
    const which = el("select", {}, el("option", {}, "refresh_token"), el("option", {}, "access_token"));
    const go = () => {
      const token = which.value === "access_token" ? "access_token" : "refresh_token";
      void card.walk.take(card, (state, world) => revoke(state, { token }, world));
    };
    return [field(message("revoke.which"), which, message("revoke.which.help")), act("revoke.button", go)];
  },
};
