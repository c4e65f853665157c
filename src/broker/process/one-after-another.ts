/** What is given to it is done in the order it came, one at a time; a failure is its caller's alone. */
export function oneAfterAnother(): <T>(work: () => Promise<T>) => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = turn.then(work);
    turn = next.catch(() => {});
    return next;
  };
}
