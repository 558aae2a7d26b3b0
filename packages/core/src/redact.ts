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
      for (const form of encodings(secret)) forms.add(form);
      // Longest first, so that a secret that holds another one is masked whole.
      ordered = [...forms].sort((a, b) => b.length - a.length);
    },
    mask(text) {
      return ordered.reduce((result, form) => result.replaceAll(form, "****"), text);
    },
  };
}

/** The forms in which a secret commonly travels. */
function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = bytes.toString("base64");
  const uri = encodeURIComponent(secret);
  return [
    secret,
    json,
    // As Python writes JSON.
    json.replace(
      /[\u0080-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
    uri,
    uri.replaceAll("%20", "+"),
    base64,
    base64.replace(/=+$/, ""),
    ...(bytes.length < 8 ? [] : [base64.slice(0, Math.floor((bytes.length * 8) / 6))]),
    bytes.toString("base64url"),
    ...(bytes.length < 8 ? [] : [bytes.toString("hex"), ...insideBase64(bytes)]),
  ];
}

/** What a secret leaves in the base64 of a longer text, such as `user:secret`, wherever in it the secret begins. */
function insideBase64(bytes: Buffer): string[] {
  return [1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // The first and the last characters hold bits of what is before and after.
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(before + 1, whole);
  });
}
