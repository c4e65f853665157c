/** An answer in Vault's error form; `errors` may be empty (404 of nothing). Its texts are shown, so they hold no secret. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly statusCode: number;
  readonly errors: readonly string[];

  constructor(statusCode: number, errors: readonly string[]) {
    super(errors[0] ?? "not found");
    this.statusCode = statusCode;
    this.errors = errors;
  }
}

export function badRequest(text: string): HttpError {
  return new HttpError(400, [text]);
}

/** Without a token, with one that is unknown or expired, and where a policy denies it: nobody is told which. */
export function denied(): HttpError {
  return new HttpError(403, ["permission denied"]);
}

/** Read or list of nothing. */
export function notFound(): HttpError {
  return new HttpError(404, []);
}

export function unsupportedPath(): HttpError {
  return new HttpError(404, ["unsupported path"]);
}

export function unsupportedOperation(): HttpError {
  return new HttpError(405, ["unsupported operation"]);
}

/** Vault's words for a path outside of all mounts. */
export function noHandler(path: string): HttpError {
  return new HttpError(404, [`no handler for route "${path.slice(0, 256).toWellFormed()}". route entry not found.`]);
}
