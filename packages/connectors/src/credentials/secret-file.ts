import { readFile } from "node:fs/promises";
import { errorText, LavaError, type Redactor } from "@lava/core";

/**
 * Reads a secret that a container was given as a file; a newline at its end is no part of it. It is masked from then
 * on.
 *
 * @throws {LavaError} NO_SECRET_FILE
 */
export async function readSecretFile(
  path: string,
  redactor: Pick<Redactor, "add">,
): Promise<string> {
  let value: string;
  try {
    value = (await readFile(path, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    throw new LavaError("NO_SECRET_FILE", `Cannot read the secret: ${errorText(error)}`, {
      cause: error,
      retry: "never",
    });
  }
  redactor.add(value);
  return value;
}
