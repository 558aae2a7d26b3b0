import { execFileSync } from "node:child_process";
import { createHash, verify, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { freePort, type SharePointDouble, startSharePointDouble } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { connect } from "../src/index.ts";
import { fakeRealm } from "./fake-realm.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-sharepoint-cert-"));
let double: SharePointDouble;
let logins: Server;
let loginUrl = "";
let pem = "";
let certificate: X509Certificate;
const used: string[] = [];

const head = z.strictObject({
  alg: z.literal("RS256"),
  typ: z.literal("JWT"),
  "x5t#S256": z.string(),
});
const claims = z.strictObject({
  aud: z.string(),
  iss: z.literal("app"),
  sub: z.literal("app"),
  jti: z.uuid(),
  nbf: z.int(),
  exp: z.int(),
});

/** What is wrong with an assertion, as the service would find it. */
function faultOf(assertion: string, audience: string): string | undefined {
  const [first = "", second = "", signature = ""] = assertion.split(".");
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  const thumbprint = createHash("sha256").update(certificate.raw).digest("base64url");
  if (head.parse(read(first))["x5t#S256"] !== thumbprint) return "another certificate";
  const signed = Buffer.from(`${first}.${second}`);
  const isRight = verify(
    "sha256",
    signed,
    certificate.publicKey,
    Buffer.from(signature, "base64url"),
  );
  if (!isRight) return "a wrong signature";
  const { aud, exp, jti, nbf } = claims.parse(read(second));
  if (aud !== audience) return "another audience";
  const now = Date.now() / 1000;
  if (nbf > now + 5 || exp < now) return "not valid now";
  if (used.includes(jti)) return "used before";
  used.push(jti);
  return undefined;
}

beforeAll(async () => {
  double = await startSharePointDouble();
  const [key, cert] = [join(folder, "app.key"), join(folder, "app.crt")];
  const kind = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=app", "-days", "2"];
  const files = ["-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", ...kind, ...files], { stdio: "ignore" });
  certificate = new X509Certificate(readFileSync(cert));
  pem = readFileSync(key, "utf8") + readFileSync(cert, "utf8");

  // Takes the assertion as Microsoft Entra does, and then gives the double's own token.
  const port = await freePort();
  loginUrl = `http://127.0.0.1:${port}/entra`;
  logins = createServer((request, response) => {
    void (async () => {
      const form = new URLSearchParams(await text(request));
      const fault =
        form.get("client_assertion_type") !==
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
          ? "another type"
          : faultOf(form.get("client_assertion") ?? "", `http://127.0.0.1:${port}${request.url}`);
      if (fault !== undefined || form.has("client_secret")) {
        response.writeHead(401);
        response.end(JSON.stringify({ error_description: `AADSTS700027: ${fault}` }));
        return;
      }
      const grant = new URLSearchParams({
        grant_type: form.get("grant_type") ?? "",
        client_secret: double.clientSecret,
      });
      const answer = await fetch(`${double.loginUrl}/x/oauth2/v2.0/token`, {
        method: "POST",
        body: grant,
      });
      response.writeHead(answer.status);
      response.end(await answer.text());
    })();
  }).listen(port, "127.0.0.1");
}, 30_000);
afterAll(async () => {
  logins.close();
  await double[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function open(content: string) {
  const record = {
    type: "sharepoint",
    enabled: true,
    org_base_url: "x.sharepoint.example",
    site_name: "data",
    tenant: "x.org",
    client_id: "app",
    client_certificate: "/sp/certificate",
    login_url: loginUrl,
    graph_url: double.graphUrl,
  };
  const realm = fakeRealm({
    connections: { sp: record },
    parameters: { "/sp/certificate": content },
  });
  return connect("sp", { realm, type: "sharepoint", env: {}, tmpdir: folder });
}

describe("a sharepoint connection with a certificate (CON-sharepoint-01, 02)", () => {
  test("signs in with an assertion of its own for every token, and sends no secret", async () => {
    await using client = await open(pem);

    expect(await client.stat("/Documents")).toMatchObject({ type: "directory" });
    double.endTokens();
    expect(await client.stat("/Documents")).toMatchObject({ type: "directory" });
    expect(new Set(used).size).toBe(2);
  });

  test.each([
    ["nothing of the kind", () => "hidden text"],
    ["a certificate without a key", () => certificate.toString()],
    [
      "a key of another certificate",
      () => {
        const key = join(folder, "other.key");
        execFileSync("openssl", ["genrsa", "-out", key, "2048"], { stdio: "ignore" });
        return readFileSync(key, "utf8") + certificate.toString();
      },
    ],
  ])("refuses %s without showing it", async (_name, content) => {
    await using client = await open(content());

    const error: unknown = await client.list("/").catch((fault: unknown) => fault);
    expect(error).toMatchObject({
      code: "BAD_CONNECTION_RECORD",
      message: "Connection sp: client_certificate is no certificate with its RSA key",
      hint: expect.stringContaining("PEM"),
    });
    expect(String(Reflect.get(Object(error), "stack"))).not.toContain("hidden");
  });
});
