import type { Context } from "./context.ts";

/** Keeps a promise alive and accounted for when its caller goes away; its failure is the caller's to handle. */
export function detach<T>({ background }: Pick<Context, "background">, work: Promise<T>): Promise<T> {
  const settled = settledOf(work);
  background.add(settled);
  void settled.then(() => background.delete(settled));
  return work;
}

/** Work that nobody waits for; its failure is logged. */
export function inBackground(context: Context, what: string, work: Promise<unknown>): void {
  beside(context, what, detach(context, work));
}

/** The same of what waits for a person for minutes: it is not under way, and nothing that stops or settles waits for it. */
export function beside(context: Pick<Context, "log">, what: string, work: Promise<unknown>): void {
  void work.catch((error: unknown) => {
    context.log.error("background_failed", { what, error: error instanceof Error ? error.name : "unknown" });
  });
}

/** Marks a row as in this process's hands for as long as `work` lasts. */
export function inFlight<T>(context: Context, id: string, work: Promise<T>): Promise<T> {
  const { flights } = context;
  const flight = settledOf(work);
  flights.set(id, flight);
  return detach(context, work).finally(() => {
    if (flights.get(id) === flight) flights.delete(id);
  });
}

async function settledOf(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {});
}
