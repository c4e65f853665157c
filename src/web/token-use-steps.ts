import { refresh, revoke, type WalkState, whoAmI } from "../walk/index.ts";

import { act, type StepDefinition } from "./card.ts";
import { button, el, field } from "./dom.ts";

/** The login that the tokens are of: a refresh leaves it the same. */
const login = ({ tokens }: WalkState): unknown => tokens?.requestedScopes;

/** Step 7. */
export const whoAmIStep: StepDefinition = {
  id: "whoami",
  needs: login,
  build: (card) => [
    act("Ask whose token it is", () => void card.walk.take(card, (state, world) => whoAmI(state, {}, world))),
  ],
};

/** Step 8; a replay or a lost answer may cost the login, so it is for homeservers that play. */
export const refreshStep: StepDefinition = {
  id: "refresh",
  needs: login,
  build: (card) => {
    const { walk } = card;
    const again = () => void walk.take(card, (state, world) => refresh(state, { replay: true }, world), false);
    const lose = () => void walk.take(card, (state, world) => refresh(state, { lost: true }, world), false);
    const playing = [
      button("Refresh and lose the answer", "quiet", lose),
      button("Send the old refresh token once more", "quiet", again),
    ];
    const replay = walk.simulator ? playing : [];
    const go = () => void walk.take(card, (state, world) => refresh(state, {}, world), false);
    return [el("div", { class: "buttons" }, button("Refresh", "", go), ...replay)];
  },
};

/** Step 9. */
export const revokeStep: StepDefinition = {
  id: "revoke",
  needs: login,
  build: (card) => {
    const which = el("select", {}, el("option", {}, "refresh_token"), el("option", {}, "access_token"));
    const go = () => {
      const token = which.value === "access_token" ? "access_token" : "refresh_token";
      void card.walk.take(card, (state, world) => revoke(state, { token }, world));
    };
    return [field("Which token", which, "Revoking the refresh token ends the whole login."), act("Revoke", go)];
  },
};
