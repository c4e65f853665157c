/** What a broker's metrics say at one moment (src/process/metrics.ts), by name and labels. */
export type Samples = readonly Sample[];

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-z_]+)(?:\{([^}]*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Prometheus's text format, as far as a broker writes it. */
export function parseMetrics(text: string): Samples {
  return text.split("\n").flatMap((line) => {
    const [, name, labels = "", value = ""] = LINE.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, key = "", said = ""]) => [key, said] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}
