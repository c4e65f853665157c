import { type Html, html } from "../../../html.ts";

export interface Bar {
  /** Drawn from below: the good part, and on it the bad one. */
  readonly good: number;
  readonly bad: number;
}

const WIDTH = 480;
const HEIGHT = 96;

/** Bars of a span of time, as a picture of our own; what it shows is in its label, and in a table beside it. */
export function chart(bars: readonly Bar[], label: string): Html {
  const most = Math.max(0, ...bars.map(({ good, bad }) => good + bad));
  const step = WIDTH / Math.max(1, bars.length);
  const height = (value: number) => (most === 0 ? 0 : (value / most) * (HEIGHT - 4));
  const drawn = bars.flatMap(({ good, bad }, index) => {
    const x = round(index * step + step * 0.12);
    const [low, high] = [height(good), height(bad)];
    return [part("good", x, step, HEIGHT - low, low), part("bad", x, step, HEIGHT - low - high, high)];
  });
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}" preserveAspectRatio="none"><path class="ground" d="M0 ${HEIGHT - 0.5}h${WIDTH}"/>${drawn}</svg>`;
}

function part(look: "good" | "bad", x: number, step: number, y: number, height: number): Html {
  if (height <= 0) return html``;
  return html`<rect class="${look}" x="${x}" y="${round(y)}" width="${round(step * 0.76)}" height="${round(height)}"/>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
