import { type Data, type DataMap, DecimalValue, FloatValue } from "@lava/core";
import { toWireJson } from "@lava/spec";

/** Levels that a value may have: DynamoDB takes 32, and what is above the value needs some. */
const MAX_LEVELS = 26;

/** Whether a DynamoDB item can hold a value just as it is. NaN and infinities become texts elsewhere. */
export function isStorable(value: Data, levels = MAX_LEVELS): boolean {
  if (value === null || typeof value === "boolean" || value instanceof Uint8Array) return true;
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value instanceof FloatValue || value instanceof DecimalValue) {
    return isStorableNumber(value);
  }
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((item: Data) => isStorable(item, levels - 1));
  if (!isPlainMap(value)) return false;
  return (
    hasStorableNames(value) && Object.values(value).every((item) => isStorable(item, levels - 1))
  );
}

/** The value, with the JSON text of whatever in it a DynamoDB item cannot hold. */
export function toStorable(value: Data, levels = MAX_LEVELS): Data {
  if (isStorable(value, levels)) return value;
  if (typeof value === "string") return value.toWellFormed();
  if (levels > 0 && Array.isArray(value)) {
    return value.map((item: Data) => toStorable(item, levels - 1));
  }
  if (levels > 0 && isPlainMap(value) && hasStorableNames(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, toStorable(item, levels - 1)]),
    );
  }
  return toWireJson(value);
}

/** The SDK makes its maps with assignments, which lose this name. */
function hasStorableNames(map: DataMap): boolean {
  return Object.keys(map).every((name) => name !== "__proto__" && name.isWellFormed());
}

function isPlainMap(value: Data): value is DataMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array || value instanceof FloatValue || value instanceof DecimalValue)
  );
}

/** DynamoDB takes 38 digits, and sizes from 1e-130 to below 1e126. */
function isStorableNumber(value: number | bigint | FloatValue | DecimalValue): boolean {
  const text =
    value instanceof DecimalValue
      ? value.text
      : String(value instanceof FloatValue ? value.value : value);
  const match = /^[+-]?(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text);
  if (match === null) return true; // NaN and the infinities
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  const magnitude = digits.length - fraction.length + Number(exponent);
  const significant = digits.replace(/0+$/, "").length;
  return significant === 0 || (significant <= 38 && magnitude >= -129 && magnitude <= 126);
}
