import type { Environment } from "./environment.ts";

/** Programs that say who they are, and know OSC 8. */
const PROGRAMS: ReadonlySet<string> = new Set([
  "iTerm.app",
  "WezTerm",
  "vscode",
  "ghostty",
  "Hyper",
  "Tabby",
  "rio",
  "zed",
]);
const TERMS = /^(xterm-kitty|xterm-ghostty|alacritty|foot|wezterm|contour|rio)/;

/** VTE 0.50 (GNOME Terminal and its family) was the first that shows links without harm. */
const FIRST_VTE = 5_000;

/** Whether the terminal shows an OSC 8 link as one; another may show its escapes, so who says nothing gets none. */
export function knowsLinks(env: Environment): boolean {
  const { TERM = "", TERM_PROGRAM = "", VTE_VERSION, KONSOLE_VERSION, WT_SESSION } = env;
  // A multiplexer hides which terminal it is shown in.
  if (/^(screen|tmux|dumb)/.test(TERM) || env.TMUX || env.STY) return false;
  if (PROGRAMS.has(TERM_PROGRAM) || TERMS.test(TERM)) return true;
  return Number(VTE_VERSION ?? 0) >= FIRST_VTE || Boolean(KONSOLE_VERSION || WT_SESSION);
}
