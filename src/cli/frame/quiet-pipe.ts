/** Who reads our output may have seen enough: the end is quiet then (SIGPIPE's way). A disk that is full is said. */
export function quietPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit();
      if (stream === process.stdout) process.stderr.write(`coatcheck: cannot write the output: ${error.message}\n`);
      process.exit(1);
    });
  }
}

/** A broker goes on when nobody reads what it says any more. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners("error").on("error", () => {});
}
