import { PyObject, type Value } from "../values/value.ts";

/** A `uuid.UUID`. */
export class PyUuid extends PyObject {
  readonly typeName = "UUID";
  readonly text: string;
  constructor(text: string) {
    super();
    this.text = text;
  }
  override get objectName(): string {
    return "uuid.UUID";
  }
  repr(): string {
    return `UUID('${this.text}')`;
  }
  override str(): string {
    return this.text;
  }
  override equals(other: Value): boolean {
    return other instanceof PyUuid && other.text === this.text;
  }
  override hashKey(): string {
    return `\0i${this.text}`;
  }
  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "hex":
        return this.text.replaceAll("-", "");
      case "int":
        return BigInt(`0x${this.text.replaceAll("-", "")}`);
      case "urn":
        return `urn:uuid:${this.text}`;
      case "version":
        return 4;
      default:
        return undefined;
    }
  }
}
