import { randomBytes } from "node:crypto";

/** Secrets that a test has planted, and how they are found again. */
export interface Canaries {
  /** A new secret, with characters that quoting gets wrong; its name says where it was planted. */
  plant(name: string): string;
  /** As {@link plant}, of letters and digits alone. */
  plantPlain(name: string): string;
  /** A secret that somebody else made. */
  add(name: string, secret: string): void;
  /** Names of the secrets that are in a text or a file, in any common encoding. */
  in(content: string | Uint8Array): string[];
}

/** Canaries that are found by their middle part, so that wrong quoting of the rest does not hide them. */
export function createCanaries(): Canaries {
  const forms = new Map<string, string>();
  const add = (name: string, core: string): void => {
    for (const form of encodings(core)) forms.set(form, name);
  };
  const plantPlain = (name: string): string => {
    const core = `Kanari${randomBytes(9).toString("hex")}`;
    add(name, core);
    return core;
  };
  return {
    plantPlain,
    plant: (name) => `p/:${plantPlain(name)} '"\\$+`,
    add,
    in(content) {
      const text = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
      return [
        ...new Set([...forms].filter(([form]) => text.includes(form)).map(([, name]) => name)),
      ];
    },
  };
}

/** How a text may travel: plain, in the middle of base64 wherever it begins there, hex, wide characters. */
function encodings(core: string): string[] {
  const bytes = Buffer.from(core);
  const inBase64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Characters at both ends hold bits of what is around.
    return whole.slice(
      before === 0 ? 0 : before + 1,
      Math.floor(((before + bytes.length) * 8) / 6),
    );
  });
  return [
    core,
    encodeURIComponent(core),
    ...inBase64,
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    Buffer.from(core, "utf16le").toString("latin1"),
  ];
}
