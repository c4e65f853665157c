/**
 * Draws an element now and in each second, until the run ends or the element has left the page. It need not be there yet: a
 * clock is drawn before it is put anywhere.
 */
export function tick(element: HTMLElement, signal: AbortSignal, draw: () => void, wasShown = false): void {
  if (signal.aborted || (wasShown && !element.isConnected)) return;
  draw();
  const isShown = element.isConnected;
  setTimeout(() => tick(element, signal, draw, isShown), 1_000);
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
