import { cpus, release, totalmem } from "node:os";

/** One line of the report. Rates are in operations a second, times in milliseconds, processor time in microseconds. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Measured in the same run, in turns with it; in the same unit. */
  readonly limit?: { readonly what: string; readonly value: number };
  /** Of the answering process, for each operation; and of the limit's. */
  readonly processor?: { readonly micros: number; readonly limit?: number };
  /** What is promised or aimed at, and whether this run showed it. */
  readonly wanted?: { readonly text: string; readonly reached: boolean };
}

export interface Section {
  readonly name: string;
  readonly title: string;
  /** How it was measured, for readers. */
  readonly how: string;
  readonly figures: readonly Figure[];
}

export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  /** The load of the machine as the run began and ended: processes that wanted a core. */
  readonly load: readonly number[];
  readonly quick: boolean;
  readonly sections: readonly Section[];
}

/** The machine in words, without its name. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores of ${first?.model.trim() ?? "an unknown kind"}, ${memory} GiB of memory, ${process.platform} ${release()}`;
}

export function atMost(actual: number, most: number, text: string): NonNullable<Figure["wanted"]> {
  return { text, reached: actual <= most };
}

export function atLeast(actual: number, least: number, text: string): NonNullable<Figure["wanted"]> {
  return { text, reached: actual >= least };
}

/** Three digits that matter, with thousands apart. */
function number(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

const HEAD = [
  "| Figure | measured | limit beside it | ratio | processor time of one | wanted | reached |",
  "| --- | --- | --- | --- | --- | --- | --- |",
];

function row({ what, value, unit, limit, processor, wanted }: Figure): string {
  const ratio = limit && limit.value > 0 ? number(value / limit.value) : "";
  const beside = processor?.limit ? ` (${number(processor.micros / processor.limit)} x the limit's)` : "";
  const cells = [
    ...[what, `${number(value)} ${unit}`],
    ...[limit ? `${number(limit.value)} (${limit.what})` : "", ratio],
    processor ? `${number(processor.micros)} µs${beside}` : "",
    ...[wanted?.text ?? "", wanted ? (wanted.reached ? "yes" : "**no**") : ""],
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The report as a part of a page: sections of the third level. */
export function markdown({ date, machine: of, node, load, quick, sections }: Report): string {
  const small = quick ? " with small numbers (`--quick`)" : "";
  const [before = 0, after = 0] = load.map((one) => one.toFixed(1));
  return [
    `Measured on ${date}${small}: ${of}, Node ${node}. The load of the machine was ${before} as the run began and ${after} as it ended.`,
    ...sections.flatMap(({ title, how, figures }) => ["", `### ${title}`, "", how, "", ...HEAD, ...figures.map(row)]),
  ].join("\n");
}

const BEGIN = "<!-- npm run bench writes what follows -->";
const END = "<!-- npm run bench ends here -->";

/** A page with the report between its markers. Throws where the markers are not there. */
export function within(page: string, report: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`the page has no place for the report: ${BEGIN} … ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${report}\n\n${page.slice(to)}`;
}
