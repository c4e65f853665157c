/** One server-sent event (WHATWG HTML 9.2), as it was sent: fields that did not come are absent. */
export interface ServerEvent {
  /** Its lines, joined; may be empty (MCP 2025-11-25 primes a stream so). */
  readonly data: string;
  readonly event?: string;
  readonly id?: string;
  /** Milliseconds, for the connection that comes after this one. */
  readonly retry?: number;
}

/** An event was longer than whoever reads it allows. */
export class EventTooLong extends Error {}

const DATA = "data";

/** What the other fields of an event say; a value that is none counts as not sent. */
const FIELDS: Readonly<Record<string, (value: string) => Omit<ServerEvent, "data">>> = {
  event: (event) => ({ event }),
  id: (id) => (id.includes("\0") ? {} : { id }),
  retry: (retry) => (/^\d{1,9}$/.test(retry) ? { retry: Number(retry) } : {}),
};

/** Reads a stream piece by piece. What is not ended by an empty line is no event. */
export class EventReader {
  readonly #longest: number;
  readonly #decoder = new TextDecoder();
  #rest = "";
  /** A line ended with the piece: a line feed that comes first in the next belongs to it. */
  #afterReturn = false;
  #data: string[] = [];
  #fields: Omit<ServerEvent, "data"> = {};
  #length = 0;

  /** `longest`: characters of an event. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Characters of an event that has not ended. */
  get waiting(): number {
    return this.#length + this.#rest.length;
  }

  /** The events that this piece ends; throws `EventTooLong`. */
  push(piece: Uint8Array): readonly ServerEvent[] {
    let text = this.#decoder.decode(piece, { stream: true });
    if (text === "") return [];
    if (this.#afterReturn && text.startsWith("\n")) text = text.slice(1);
    this.#afterReturn = text.endsWith("\r");
    // What came before has no end of a line: a long line is searched once.
    const lines = text.split(/\r\n|\n|\r/);
    lines[0] = this.#rest + (lines[0] ?? "");
    this.#rest = lines.pop() ?? "";
    const events = lines.flatMap((line) => this.#line(line) ?? []);
    if (this.#length + this.#rest.length > this.#longest) throw new EventTooLong();
    return events;
  }

  #line(line: string): ServerEvent | undefined {
    if (line === "") return this.#end();
    this.#length += line.length;
    if (this.#length > this.#longest) throw new EventTooLong();
    const [, name = "", value = ""] = /^([^:]*)(?:: ?)?(.*)$/s.exec(line) ?? [];
    if (Object.hasOwn(FIELDS, name)) this.#fields = { ...this.#fields, ...FIELDS[name]?.(value) };
    else if (name === DATA) this.#data.push(value);
    return undefined;
  }

  #end(): ServerEvent | undefined {
    const [data, fields] = [this.#data, this.#fields];
    this.#data = [];
    this.#fields = {};
    this.#length = 0;
    // A browser would drop an event without data; its id and retry are what resuming needs.
    if (data.length === 0 && fields.id === undefined && fields.retry === undefined) return undefined;
    return { data: data.join("\n"), ...fields };
  }
}

/** The text of an event, its empty line with it. */
export function eventText({ event, id, retry, data }: ServerEvent): string {
  const fields = [
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    ...data.split(/\r\n|\n|\r/).map((line) => `data: ${line}`),
  ];
  return `${fields.join("\n")}\n\n`;
}

/** The event that carries a message. */
export function messageEvent(message: unknown): string {
  return eventText({ event: "message", data: JSON.stringify(message) });
}

/** Means nothing, also between the lines of an event; keeps intermediaries from cutting a silent stream. */
export const COMMENT = ":\n";
