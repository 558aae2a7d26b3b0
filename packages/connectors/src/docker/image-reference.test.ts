import { expect, test } from "vitest";
import { imageName, parseImageReference } from "./image-reference.ts";

test.each([
  ["base", "docker.io", "base:latest"],
  [" lava/dev/app:1.2 ", "docker.io", "lava/dev/app:1.2"],
  ["localhost/app", "localhost", "localhost/app:latest"],
  ["127.0.0.1:5000/app:v1", "127.0.0.1:5000", "127.0.0.1:5000/app:v1"],
  [
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/a/b",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/a/b:latest",
  ],
  ["registry:5000/app", "registry:5000", "registry:5000/app:latest"],
])("%j is an image of %s (JOB-docker-09)", (text, registry, name) => {
  const reference = parseImageReference(text);

  expect(reference.registry).toBe(registry);
  expect(imageName(reference)).toBe(name);
});

test("a digest names the image, a tag beside it is only for people", () => {
  const digest = `sha256:${"0f".repeat(32)}`;

  expect(imageName(parseImageReference(`ghcr.io/a/b@${digest}`))).toBe(`ghcr.io/a/b@${digest}`);
  expect(imageName(parseImageReference(`ghcr.io/a/b:1@${digest}`))).toBe(`ghcr.io/a/b@${digest}`);
});

test.each(["", ":x", "a:b:c", "A/b", "a b", "a@sha256:xyz", "a/:tag", "a//b", "a:-x"])(
  "%j is no image",
  (text) => {
    expect(() => parseImageReference(text)).toThrow(
      `Bad payload: ${text.trim()}: Must be in the form repository[:tag]`,
    );
  },
);
