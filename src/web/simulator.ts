import { QUIRKS, type Quirk, SIMULATOR_PATH, type SimulatorEvent } from "../api/walk.ts";
import { message, type WalkKey } from "../messages/walk/index.ts";
import { button, el, field, fill } from "./dom.ts";
import type { Run } from "./run.ts";

/** Switches for what simulated homeservers do wrong (MX-P15). */
export function quirkChoice(walk: Run): HTMLElement {
  const said = el("p", { "aria-live": "polite" });
  const chosen = new Set<Quirk>();
  const boxes = QUIRKS.map((quirk) => {
    const box = el("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(quirk);
      else chosen.delete(quirk);
      const told = walk.simulators.map(({ url }) => tell(walk, url, { quirks: [...chosen] }));
      void Promise.all(told).then((all) => fill(said, ...(all.every(Boolean) ? [] : [message("simulator.failed")])));
    });
    return field(message(`quirk.${quirk}`), box);
  });
  void now(walk).then((quirks) => {
    for (const [index, quirk] of QUIRKS.entries()) {
      const box = boxes[index]?.querySelector("input");
      if (!box || !quirks.includes(quirk)) continue;
      box.checked = true;
      chosen.add(quirk);
    }
  });
  return el(
    "details",
    { class: "quirks" },
    el("summary", {}, message("simulator.quirks")),
    el("p", { class: "soft" }, message("simulator.quirks.help")),
    ...boxes,
    said,
  );
}

/** What can happen to a login of a simulated homeserver; nothing at any other. */
export function eventChoice(walk: Run): readonly HTMLElement[] {
  const { simulator } = walk;
  if (!simulator) return [];
  const said = el("p", { class: "soft", "aria-live": "polite" });
  const happening = (event: SimulatorEvent, label: WalkKey, done: WalkKey) =>
    button({ key: label }, "quiet small", () => {
      void tell(walk, simulator.url, { event }).then((ok) => fill(said, { key: ok ? done : "simulator.failed" }));
    });
  return [
    el(
      "div",
      { class: "buttons" },
      happening("expire", "simulator.expire", "simulator.expired"),
      happening("log_out", "simulator.log_out", "simulator.logged_out"),
    ),
    said,
  ];
}

/** What they do wrong already: another page may have asked for it. */
function now({ world, simulators }: Run): Promise<readonly unknown[]> {
  const answer = world.fetch((simulators[0]?.url ?? "") + SIMULATOR_PATH);
  return answer
    .then((response) => response.json())
    .then(
      ({ quirks }) => quirks,
      () => [],
    );
}

function tell({ world }: Run, url: string, change: object): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  return world.fetch(url + SIMULATOR_PATH, { method: "POST", headers, body: JSON.stringify(change) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
