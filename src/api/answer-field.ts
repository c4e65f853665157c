import { Type } from "typebox";

/** Fields of answers. */

export const time = (description: string) => Type.Optional(Type.String({ format: "date-time", description }));
export const optional = (description: string) => Type.Optional(Type.String({ description }));
export const strings = (description: string) => Type.Array(Type.String(), { description });
export const wholeSeconds = (description: string) => Type.Integer({ description, minimum: 0 });
