/** A part of a generated template that can be replaced when a difference is made smaller. */
export interface Piece {
  readonly kind: "expression" | "statement" | "text";
  readonly parts: readonly (string | Piece)[];
}

/** A part of a kind. */
export const piece = (kind: Piece["kind"], ...parts: readonly (string | Piece)[]): Piece => ({
  kind,
  parts,
});

/** The text of a part. */
export function textOf(part: string | Piece): string {
  return typeof part === "string" ? part : part.parts.map(textOf).join("");
}

const ATOMS: Readonly<Record<Piece["kind"], readonly string[]>> = {
  expression: ["1", "''", "[]", "none", "1.5", "'a'", "n"],
  statement: ["", "x"],
  text: [""],
};

/** All parts of a kind below one, itself left out. */
function below(part: Piece, kind: Piece["kind"]): Piece[] {
  return part.parts.flatMap((inner) =>
    typeof inner === "string"
      ? []
      : inner.kind === kind
        ? [inner, ...below(inner, kind)]
        : below(inner, kind),
  );
}

/** Every way to make a part smaller in one place. */
export function* smaller(part: Piece): Iterable<Piece> {
  const text = textOf(part);
  for (const atom of ATOMS[part.kind]) {
    if (atom.length < text.length) yield { kind: part.kind, parts: [atom] };
  }
  for (const inner of below(part, part.kind)) if (textOf(inner).length < text.length) yield inner;
  for (const [index, inner] of part.parts.entries()) {
    if (typeof inner === "string") continue;
    for (const less of smaller(inner)) {
      yield { kind: part.kind, parts: part.parts.with(index, less) };
    }
  }
}
