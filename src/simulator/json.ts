export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A key whose value is undefined is left out on the wire. */
export type JsonObject = { readonly [key: string]: Json | undefined };
