/** A value that does not fit its field type; the message goes behind the field's name and holds no secret. */
export class InputRefusal extends Error {
  override readonly name = "InputRefusal";
}
