import { execFile } from "node:child_process";
import { chown } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findServerProgram } from "./find-program.ts";
import type { ProgramUser } from "./start-program.ts";

const run = promisify(execFile);

/** Files of a certificate for `localhost` and 127.0.0.1 that is its own authority. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate in `folder` (server.crt, server.key), valid for two days. */
export async function selfSignedCertificate(
  folder: string,
  path: string,
  owner?: ProgramUser,
): Promise<TestCertificate> {
  const openssl = await findServerProgram("openssl", "openssl", path);
  const cert = join(folder, "server.crt");
  const key = join(folder, "server.key");
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  await run(openssl, [
    "req",
    "-x509",
    ...kind,
    ...names,
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    cert,
  ]);
  if (owner !== undefined) {
    for (const file of [cert, key]) await chown(file, owner.uid, owner.gid);
  }
  return { cert, key };
}
