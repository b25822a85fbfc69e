import assert from "node:assert/strict";
import { requireName } from "../../../src/commands/new/name.ts";
import { Failure } from "../../../src/failure.ts";

const LONGEST = `a${"b".repeat(39)}`;

for (const name of ["weather", "my_server", "a", "v2", "a_2b_c", LONGEST, "true", "class"]) {
  Deno.test(`a server can be named ${name}`, () => {
    assert.equal(requireName(name, undefined), name);
  });
}

/** Invalid names with the suggested command. */
const WRONG: readonly (readonly [name: string, dir: string | undefined, next: string])[] = [
  ["weather-api", undefined, "arcade new weather_api"],
  ["Weather API v2", undefined, "arcade new weather_api_v2"],
  ["WeatherApi", undefined, "arcade new weather_api"],
  ["__weather__api_", undefined, "arcade new weather_api"],
  ["2fast", undefined, "arcade new fast"],
  ["Wettergrüße", undefined, "arcade new wettergru_e"],
  ["天気", undefined, "arcade new weather"],
  ["", undefined, "arcade new weather"],
  [".", undefined, "arcade new weather"],
  ["weather\n", undefined, "arcade new weather"],
  [`${LONGEST}c`, undefined, `arcade new ${LONGEST}`],
  [`${"a".repeat(39)}_b`, undefined, `arcade new ${"a".repeat(39)}`],
  ["x".repeat(1_000_000), undefined, `arcade new ${"x".repeat(40)}`],
  ["_".repeat(1_000_000), undefined, "arcade new weather"],
  ["weather-api", "my projects", "arcade new weather_api --dir 'my projects'"],
  ["projects/weather", undefined, "arcade new weather --dir projects"],
  ["a b/c/Weather", undefined, "arcade new weather --dir 'a b/c'"],
  ["/weather", undefined, "arcade new weather --dir /"],
  ["projects/", undefined, "arcade new weather --dir projects"],
  ["nul", undefined, "arcade new nul_server"],
  ["com1", "x", "arcade new com1_server --dir x"],
  ["CON", undefined, "arcade new weather"],
];
for (const [name, dir, next] of WRONG) {
  Deno.test(`the name ${JSON.stringify(name.slice(0, 50))} is invalid, and another one is suggested`, () => {
    assert.throws(() => requireName(name, dir), (error) => {
      assert(error instanceof Failure);
      assert.equal(error.kind, "usage");
      assert.equal(error.next, `Use \`${next}\``);
      const [, suggested = ""] = /arcade new (\w+)/.exec(next) ?? [];
      assert.equal(requireName(suggested, undefined), suggested);
      return true;
    });
  });
}
