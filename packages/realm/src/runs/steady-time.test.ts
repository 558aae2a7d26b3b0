import { expect, test } from "vitest";
import { createSteadyTime } from "./steady-time.ts";

function setUp() {
  let [day, ticks] = [1_000_000, 500];
  const time = createSteadyTime({
    now: () => day,
    monotonic: () => ticks,
    sleep: () => Promise.resolve(),
  });
  return {
    time,
    pass: (ms: number) => {
      day += ms;
      ticks += ms;
    },
    jump: (ms: number) => void (day += ms),
  };
}

test("without jumps both bounds are the time of day", () => {
  const { time, pass } = setUp();
  time.latest();

  pass(60_000);

  expect([time.earliest(), time.latest()]).toEqual([1_060_000, 1_060_000]);
});

test.each([
  [-3_600_000, -2_600_000, 1_000_000],
  [3_600_000, 1_000_000, 4_600_000],
])("a jump of %d ms widens the bounds for ten minutes", (ms, earliest, latest) => {
  const { time, pass, jump } = setUp();
  time.latest();

  jump(ms);

  expect([time.earliest(), time.latest()]).toEqual([earliest, latest]);
  pass(700_000);
  expect(time.earliest()).toBe(time.latest());
});

test("drift of the clock is followed", () => {
  const { time, pass, jump } = setUp();
  time.latest();
  for (let n = 0; n < 100; n += 1) {
    pass(1000);
    jump(10);
    time.latest();
  }

  expect(time.earliest()).toBe(time.latest());
});

test("a jump while nobody looked counts from when it is seen", () => {
  const { time, pass, jump } = setUp();
  time.latest();
  pass(86_400_000);
  jump(3_600_000);

  expect(time.latest() - time.earliest()).toBe(3_600_000);
});
