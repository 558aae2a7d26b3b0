/** Masks registered secrets in text: by value and by the encodings in which they commonly travel. */
export interface Redactor {
  /** Registers a secret; texts shorter than 4 characters would mask ordinary words and are ignored. */
  add(secret: string): void;
  /** The text with every registered secret replaced by `****`. */
  mask(text: string): string;
}

/** A redactor that knows no secret yet. */
export function createRedactor(): Redactor {
  const forms = new Set<string>();
  let ordered: string[] = [];
  return {
    add(secret) {
      if (secret.length < 4 || forms.has(secret)) return;
      const json = JSON.stringify(secret).slice(1, -1);
      const base64 = Buffer.from(secret).toString("base64");
      for (const form of [
        secret,
        json,
        encodeURIComponent(secret),
        base64,
        base64.replace(/=+$/, ""),
      ]) {
        forms.add(form);
      }
      // Longest first, so that a secret that holds another one is masked whole.
      ordered = [...forms].sort((a, b) => b.length - a.length);
    },
    mask(text) {
      return ordered.reduce((result, form) => result.replaceAll(form, "****"), text);
    },
  };
}
