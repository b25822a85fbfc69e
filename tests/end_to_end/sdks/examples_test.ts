import { internetOf } from "../../support/internet.ts";
import { followPage, Reader } from "../../support/reader.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { arcadejs } from "./installed.ts";

const js = arcadejs();

Deno.test({
  name: "a reader who copies the example application and follows its README tests it",
  ignore: js === undefined,
  async fn() {
    await using machine = new TestMachine();
    Object.assign(machine.env, internetOf());
    const programs = Deno.env.get("PATH")?.split(":") ?? [];
    await using reader = new Reader(machine, { programs, example: "application" });
    await followPage(reader, "examples/application/README.md");
  },
});
