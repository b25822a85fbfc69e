import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { ECHOES, leaksIn } from "../../support/echoes.ts";
import { FAILED, TelemetryMachine, withoutSenders } from "../../support/telemetry_machine.ts";

/** Two of the forms in which a server echoes a request; the in-process test covers all of them. */
const FORMS = ["unchanged", "in base64 with other text"];

const PRIVATE = {
  typed: 'Xq7-typed value: ½ "quoted" & 100%',
  file: "Zk9+from/a file=ñandú~with words",
  key: "PRIVATE_NAME",
  email: "grace.hopper@navy.example.org",
};

Deno.test(
  { name: "no event contains user input, stored texts or responses", ignore: withoutSenders },
  async (t) => {
    await using machine = await TelemetryMachine.start();
    const { typed, file, key, email } = PRIVATE;
    await machine.logInAs(email);
    await machine.post("/api/v1/orgs", { name: "Secret Society of Whales" });
    assert.equal((await machine.run(["org", "set", "Secret Society of Whales"])).code, 0);
    await machine.arrived();
    const path = `${machine.path}/values of mine.env`;
    await Deno.writeTextFile(path, `${key}="${file}"\n`);
    let echoed = "";
    await using echo = new Answers(() => json({ message: echoed }, { status: 422 }));
    const texts = [
      ...Object.values(PRIVATE),
      machine.stored("access_token"),
      machine.stored("refresh_token"),
      machine.home,
      path,
      "Secret Society of Whales",
    ];
    const secrets = [typed, file, machine.stored("access_token"), machine.stored("refresh_token")];
    const commands: [string[], string][] = [
      [["secret", "set", `${key}=${typed}`], typed],
      [["secret", "set", "OTHER=short", `${key}=${typed}`], typed],
      [["secret", "set", "--from-env", "-f", path], file],
      [["secret", "list"], machine.stored("access_token")],
      [["org", "set", email], email],
      [["secret", "unset", key], key],
      [["project", "list"], "Secret Society of Whales"],
    ];
    machine.moveLogin({ coordinator: echo.url, engine: echo.url });
    for (const name of FORMS) {
      const form = ECHOES[name];
      assert(form);
      await t.step(`the server echoes it ${name}`, async () => {
        for (const [args, text] of commands) {
          echoed = form(text);
          // Terminals and programs get different output, but the same events are reported.
          const flags = args.includes("set") ? [[], ["--json", "--debug"]] : [[]];
          for (const more of flags) {
            const env = more.length > 0 ? { DO_NOT_TRACK: "1" } : {};
            const { code, stdout, stderr } = await machine.run([...args, ...more], { env });
            assert.equal(code, 1);
            const found = leaksIn(stdout + stderr, secrets);
            assert.deepEqual(found, [], `${args.join(" ")} ${more.join()}: ${stdout}${stderr}`);
          }
        }
        const arrived = await machine.arrived();
        assert.equal(arrived.length, commands.length);
        for (const { payload } of arrived) {
          const message = String(payload.properties.error_message);
          assert.match(message, /\(422\)/);
          assert(message.length <= 300);
          assert.deepEqual(
            leaksIn(message, texts),
            [],
            `${payload.properties.command_name}: ${message}`,
          );
        }
      });
    }
    await t.step("an identity for a hub", async () => {
      const [hub, token, name] = [
        "hub.whales.example:8443",
        "hubtoken-7Jq2vXm",
        "Ishmael Starbuck",
      ];
      const unsaid = [...texts, hub, token, name, "s3cr3tpassword"];
      const url = `https://admin:s3cr3tpassword@${hub}/path`;
      const commands = [
        ["identity", "add", "--hub", url, "--name", name, "--token-stdin"],
        ["identity", "add", "--hub", hub, "--token", token],
        ["identity", "add", "--hub", hub, `--token=${token}`, "--expires", name],
        ["identity", "show", "--hub", url],
        ["identity", "token", "--hub", hub],
        ["identity", "can", "read:whales", "--hub", hub],
        ["identity", "can", "read:whales", "--hub", `not-${hub}`],
        ["identity", "credential", token],
        ["identity", "remove", "--hub", `not-${hub}`],
        ["identity", "list", token],
      ];
      for (const args of commands) await machine.run(args, { stdin: token });
      const arrived = await machine.arrived();
      assert.equal(arrived.length, commands.length);
      assert(arrived.some(({ event }) => event === FAILED));
      for (const { payload } of arrived) {
        const { error_message = "", command_name } = payload.properties;
        const found = leaksIn(String(error_message), [...unsaid, "whales"]);
        assert.deepEqual(found, [], `${command_name}: ${error_message}`);
      }
    });
  },
);
