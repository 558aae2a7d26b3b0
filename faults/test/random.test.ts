import { expect, test } from "vitest";
import { createRandom } from "../src/random.ts";

test("a seed gives the same choices again, and its streams do not disturb each other", () => {
  const draw = (disturbed: boolean): number[] => {
    const random = createRandom(7);
    const one = random.fork("one");
    const two = random.fork("two");
    if (disturbed) one.next();
    return [two.next(), two.int(1, 6), two.int(1, 6)];
  };

  expect(draw(true)).toEqual(draw(false));
  expect(createRandom(8).next()).not.toBe(createRandom(7).next());
});
