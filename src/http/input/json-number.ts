/** A number of a JSON body with its literal text: 1.0 and 1 differ where a client identifier is meant. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): number {
    return Number(this.text);
  }
}
