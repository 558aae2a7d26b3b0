import { expect, it } from "vitest";
import { startChecksum } from "./checksums.ts";

// The check values of the algorithms, for the digits 1 to 9.
it.each([
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
  ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
] as const)("%s gives its check value, in pieces too", (algorithm, expected) => {
  const running = startChecksum(algorithm);
  running.update(Buffer.from("1234"));
  running.update(Buffer.from("56789"));
  expect(Buffer.from(running.digest(), "base64").toString("hex")).toBe(expected);
});
