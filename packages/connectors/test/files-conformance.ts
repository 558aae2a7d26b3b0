import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileTransfer } from "../src/index.ts";

/** One member of the family. */
export interface FilesUnderTest {
  open(): Promise<FileTransfer>;
  /** A directory of the other side that is there and may be filled: without a slash at its end. */
  root(): string;
  /** Bytes of the large file; 20 MB by default. */
  readonly large?: number;
  /** A name with signs that shells and clients stumble over. */
  readonly odd?: string;
}

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** What every client of files does, against a real server or a double that answers as one. */
export function filesConformance(
  name: string,
  { open, root, large = 20_000_000, odd = "ä;$(x)'.txt" }: FilesUnderTest,
) {
  describe(`${name}: files`, () => {
    let client: FileTransfer;
    let dir = "";
    const local = mkdtempSync(join(tmpdir(), "lava-files-"));
    beforeAll(async () => {
      client = await open();
      dir = `${root()}/conformance ${randomBytes(3).toString("hex")}`;
      await client.mkdir(dir);
    });
    afterAll(async () => {
      await client[Symbol.asyncDispose]();
      rmSync(local, { recursive: true });
    });

    test("what was stored is read as it was, from text, bytes, a file and a stream", async () => {
      writeFileSync(join(local, "file"), "from a file\n");
      const bytes = randomBytes(70_000);
      const sources = {
        "text.txt": "grüße\r\n",
        "bytes.bin": bytes,
        "file.txt": { file: join(local, "file") },
        "stream.txt": Readable.from([Buffer.from("a"), Buffer.from("b")]),
        "empty.txt": "",
      };
      for (const [file, source] of Object.entries(sources)) {
        await client.put(`${dir}/${file}`, source);
      }

      expect(await text(await client.get(`${dir}/text.txt`))).toBe("grüße\r\n");
      expect(await buffer(await client.get(`${dir}/bytes.bin`))).toEqual(bytes);
      expect(await text(await client.get(`${dir}/file.txt`))).toBe("from a file\n");
      expect(await text(await client.get(`${dir}/stream.txt`))).toBe("ab");
      expect(await text(await client.get(`${dir}/empty.txt`))).toBe("");
    });

    test("a large file goes both ways unchanged", async () => {
      const bytes = randomBytes(large);
      const parts = function* () {
        for (let at = 0; at < large; at += 100_000) yield bytes.subarray(at, at + 100_000);
      };
      expect(await client.put(`${dir}/large`, Readable.from(parts()))).toEqual({ size: large });

      expect(sha(await buffer(await client.get(`${dir}/large`)))).toBe(sha(bytes));
    });

    test("a list tells names, kinds, sizes and times, by name", async () => {
      await client.put(`${dir}/list/b with blank.txt`, "12345", { createDirs: true });
      await client.put(`${dir}/list/${odd}`, "1");
      await client.mkdir(`${dir}/list/c`);
      const entries = await client.list(`${dir}/list`);

      expect(entries).toMatchObject([
        { name: "b with blank.txt", type: "file", size: 5 },
        { name: "c", type: "directory", size: 0 },
        { name: odd, type: "file", size: 1 },
      ]);
      expect(Math.abs((entries[0]?.modified ?? 0) - Date.now())).toBeLessThan(600_000);
      expect(await client.stat(`${dir}/list/b with blank.txt`)).toMatchObject({ size: 5 });
      expect(await client.stat(`${dir}/list/c`)).toMatchObject({ name: "c", type: "directory" });
      expect(await client.stat(`${dir}/list/none`)).toBeUndefined();
      expect(await text(await client.get(`${dir}/list/${odd}`))).toBe("1");
    });

    test("a file is put in the place of another, longer one", async () => {
      await client.put(`${dir}/again`, "long text");
      await client.put(`${dir}/again`, "short");

      expect(await text(await client.get(`${dir}/again`))).toBe("short");
    });

    test("files and directories are moved, but not onto others", async () => {
      await client.put(`${dir}/move/a`, "a", { createDirs: true });
      await client.put(`${dir}/move/b`, "b");
      await client.rename(`${dir}/move/a`, `${dir}/move/c`);
      await client.rename(`${dir}/move`, `${dir}/moved`);

      expect(await text(await client.get(`${dir}/moved/c`))).toBe("a");
      await expect(client.rename(`${dir}/moved/b`, `${dir}/moved/c`)).rejects.toMatchObject({
        code: "FILE_EXISTS",
      });
      await expect(client.rename(`${dir}/none`, `${dir}/some`)).rejects.toMatchObject({
        code: "NO_SUCH_FILE",
      });
    });

    test("files and empty directories are deleted", async () => {
      await client.put(`${dir}/gone/a`, "a", { createDirs: true });
      await client.delete(`${dir}/gone/a`);
      await client.delete(`${dir}/gone`);

      expect(await client.stat(`${dir}/gone`)).toBeUndefined();
      await expect(client.delete(`${dir}/gone`)).rejects.toMatchObject({ code: "NO_SUCH_FILE" });
    });

    test("directories are made with those above them, and again without a fault", async () => {
      await client.mkdir(`${dir}/x/y/z`);
      await client.mkdir(`${dir}/x/y/z`);

      expect(await client.stat(`${dir}/x/y/z`)).toMatchObject({ type: "directory" });
    });

    test("what is not there, or is a directory, is told by its path", async () => {
      const missing = { code: "NO_SUCH_FILE", message: expect.stringContaining("none") };
      await expect(client.get(`${dir}/none`)).rejects.toMatchObject(missing);
      await expect(client.list(`${dir}/none`)).rejects.toMatchObject(missing);
      await expect(client.put(`${dir}/none/file`, "x")).rejects.toMatchObject(missing);
      await expect(client.get(dir)).rejects.toMatchObject({
        code: "IS_A_DIRECTORY",
        message: `${dir}: is a directory`,
      });
      await expect(client.put(dir, "x")).rejects.toMatchObject({ code: "IS_A_DIRECTORY" });
    });

    test("a source that fails leaves no part of the file", async () => {
      const failing = function* () {
        yield randomBytes(300_000);
        throw new Error("the source broke");
      };
      await expect(client.put(`${dir}/half`, Readable.from(failing()))).rejects.toThrow(
        "the source broke",
      );

      expect(await client.stat(`${dir}/half`)).toBeUndefined();
    });

    test("a transfer that is stopped ends with the reason, and the client goes on", async () => {
      const stop = new AbortController();
      const endless = function* () {
        for (let part = 0; ; part += 1) {
          if (part === 20) stop.abort(new Error("stopped"));
          yield randomBytes(50_000);
        }
      };
      await expect(
        client.put(`${dir}/stopped`, Readable.from(endless()), { signal: stop.signal }),
      ).rejects.toThrow("stopped");

      expect(await client.stat(`${dir}/stopped`)).toBeUndefined();
    });

    test("several transfers at once do not disturb each other", async () => {
      const names = ["1", "2", "3", "4"];
      await Promise.all(names.map((each) => client.put(`${dir}/p${each}`, each.repeat(100_000))));
      const read = await Promise.all(
        names.map(async (each) => text(await client.get(`${dir}/p${each}`))),
      );

      expect(read).toEqual(names.map((each) => each.repeat(100_000)));
    });
  });
}
