type Undici = typeof import("./undici-parts.ts");

let loading: Promise<Undici> | undefined;

/** Loaded with the first request: it is a tenth of a start, and who only hands out tokens needs none of it. */
export function undici(): Promise<Undici> {
  loading ??= import("./undici-parts.ts");
  return loading;
}
