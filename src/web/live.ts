/** What is asked for anew is a page of our own, which escapes whatever it shows. */
interface Policy {
  createHTML(text: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string }): Policy;
}

declare global {
  // Not in TypeScript's own types, and not in every browser.
  var trustedTypes: TrustedTypes | undefined;
}

const policy: Policy = globalThis.trustedTypes?.createPolicy("coatcheck-face", { createHTML: (text) => text }) ?? {
  createHTML: (text) => text,
};

/**
 * Asks for this very page again and again, and takes over the parts that are marked `data-live`, by their ids. A part that has the
 * focus, or in which something is marked, stays as it is. While the broker is away the page says so, and asks on; when nobody is
 * signed in any more, it is loaded as a whole, which shows the way in.
 */
export function keepLive(every: number): void {
  const look = async (): Promise<void> => {
    if (!document.hidden) tellAway(!(await refresh().catch(() => false)));
    setTimeout(() => void look(), every);
  };
  setTimeout(() => void look(), every);
}

/** Whether the broker answered; a 502 or the like is a proxy's word that it did not. */
async function refresh(): Promise<boolean> {
  const response = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
  if (response.status >= 500 || response.status === 429) return false;
  if (!response.ok) {
    location.reload();
    return true;
  }
  takeOver(await response.text());
  return true;
}

function takeOver(text: string): void {
  const page = new DOMParser().parseFromString(policy.createHTML(text), "text/html");
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const present = document.getElementById(fresh.id);
    if (present && !isInUse(present) && present.innerHTML !== fresh.innerHTML)
      present.replaceChildren(...fresh.childNodes);
  }
}

/** Milliseconds without another key. */
const PAUSE = 400;

/**
 * Sends a form to be tried, as its button does, while something is typed into it; takes over what came of it. What was said of
 * another text goes with the first letter, and what comes late of one does not count.
 */
export function keepChecked(form: HTMLFormElement): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  const check = async (): Promise<void> => {
    const mine = last;
    const texts = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    const body = new URLSearchParams([...texts, ["do", "check"]]);
    const response = await fetch(form.action, {
      method: "POST",
      body,
      headers: { accept: "text/html" },
      redirect: "error",
    });
    const page = await response.text();
    if (mine === last) takeOver(page);
  };
  form.addEventListener("input", () => {
    last += 1;
    for (const said of form.querySelectorAll("[data-live]")) said.replaceChildren();
    clearTimeout(waiting);
    waiting = setTimeout(() => void check().catch(() => tellAway(true)), PAUSE);
  });
}

function isInUse(part: Element): boolean {
  const selection = getSelection();
  return (
    part.contains(document.activeElement) || (selection?.isCollapsed === false && selection.containsNode(part, true))
  );
}

function tellAway(isAway: boolean): void {
  const note = document.querySelector<HTMLElement>("[data-away]");
  if (!note || note.hidden !== isAway) return;
  note.hidden = !isAway;
  // Put in when it is shown: only what changes is read out.
  note.textContent = isAway ? (note.dataset.away ?? "") : "";
}
