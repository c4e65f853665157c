/** Calls back now and in each such time, until it says no or the run ends. */
export function each(milliseconds: number, signal: AbortSignal, callback: () => boolean): void {
  if (signal.aborted || !callback()) return;
  setTimeout(() => each(milliseconds, signal, callback), milliseconds);
}

/** Resolves after so long, or when the run ends. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, Math.max(0, milliseconds));
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}
