import { repr } from "./basics.ts";
import type { Value } from "./value.ts";

/** `ascii(value)`: `repr` with escapes for all that is not ASCII. */
export const asciiRepr = (value: Value): string =>
  repr(value).replace(/[^\0-\x7f]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  });
