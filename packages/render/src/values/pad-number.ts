import { checkText } from "./limits.ts";
import { textLength } from "./text.ts";

/** How a text is filled up. */
interface Padding {
  readonly fill: string;
  readonly align: string;
  readonly width: number;
}

/** Fills up to the width. */
export function pad(body: string, sign: string, spec: Padding): string {
  const missing = spec.width - textLength(body) - sign.length;
  if (missing <= 0) return sign + body;
  checkText(spec.width);
  const fill = (count: number): string => spec.fill.repeat(count);
  if (spec.align === "<") return sign + body + fill(missing);
  if (spec.align === ">") return fill(missing) + sign + body;
  if (spec.align === "=") return sign + fill(missing) + body;
  const before = Math.floor(missing / 2);
  return fill(before) + sign + body + fill(missing - before);
}

function grow(whole: string, separator: string, size: number): string {
  let out = "";
  for (let index = 0; index < whole.length; index++) {
    if (index > 0 && (whole.length - index) % size === 0) out += separator;
    out += whole[index];
  }
  return out;
}

/** Fills up to the width; zeros before the digits are grouped too. */
export function padNumber(
  body: string,
  sign: string,
  spec: Padding & { readonly grouping: string },
  size = 3,
): string {
  if (spec.grouping === "") return pad(body, sign, spec);
  const end = body.search(/[^0-9a-fA-F]|e[+-]/);
  const whole = end < 0 ? body : body.slice(0, end);
  const tail = end < 0 ? "" : body.slice(end);
  let digits = whole;
  let text = grow(digits, spec.grouping, size);
  if (spec.fill === "0" && spec.align === "=") {
    checkText(spec.width);
    while (text.length + tail.length + sign.length < spec.width) {
      digits = `0${digits}`;
      text = grow(digits, spec.grouping, size);
    }
  }
  return pad(text + tail, sign, spec);
}
