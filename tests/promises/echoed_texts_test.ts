import assert from "node:assert/strict";
import { Answers, json } from "../support/answers.ts";
import { ECHOES, leaksIn } from "../support/echoes.ts";
import { freshText } from "../support/fresh_text.ts";
import { InProcess } from "../support/in_process.ts";

/** A home with a login, and the private texts of one run. */
class Private extends InProcess {
  readonly typed = freshText('Xq7-typed value: ½ "quoted" & 100%');
  readonly stored = freshText("Zk9+from/a file=ñandú~with words");
  readonly key = "PRIVATE_NAME";
  readonly email = "grace.hopper@navy.example.org";
  readonly organization = "Secret Society of Whales";
  readonly accessToken = freshText("Xk3vQp9s-Lw2mZt_8rYb");
  readonly refreshToken = freshText("MnbVcxZlkJhgFd");
  readonly values = `${this.path}/values of mine.env`;

  constructor(server: string) {
    super();
    const { accessToken, refreshToken } = this;
    this.writeCredentials({ accessToken, refreshToken });
    const others = this.read().replace("someone@example.com", this.email)
      .replace("org_name: First", `org_name: ${this.organization}`);
    this.write(others);
    this.moveLogin({ coordinator: server, engine: server });
    this.env = { HOME: this.path, ARCADE_COORDINATOR_URL: server, ARCADE_ENGINE_URL: server };
    Deno.writeTextFileSync(this.values, `${this.key}="${this.stored}"\n`);
  }

  /** The texts that must not be printed. */
  get secrets(): string[] {
    return [this.typed, this.stored, this.accessToken, this.refreshToken];
  }

  /** The texts that must not be reported. */
  get texts(): string[] {
    return [...this.secrets, this.key, this.email, this.path, this.values, this.organization];
  }
}

/** A command line, and the text that the server echoes. */
const COMMANDS: ((home: Private) => [args: string[], echoed: string])[] = [
  ({ key, typed }) => [["secret", "set", `${key}=${typed}`], typed],
  ({ key, typed }) => [["secret", "set", "OTHER=short", `${key}=${typed}`], typed],
  ({ values, stored }) => [["secret", "set", "--from-env", "-f", values], stored],
  ({ accessToken }) => [["secret", "list"], accessToken],
  ({ email }) => [["org", "set", email], email],
  ({ key }) => [["secret", "unset", key], key],
  ({ organization }) => [["project", "list"], organization],
];

for (const [name, form] of Object.entries(ECHOES)) {
  Deno.test(`neither events nor the terminal reveal a text that the server echoes ${name}`, async () => {
    for (const command of COMMANDS) {
      let echoed = "";
      await using echo = new Answers(() => json({ message: echoed }, { status: 422 }));
      for (const flags of [[], ["--json", "--debug"]]) {
        using home = new Private(echo.url);
        const [args, text] = command(home);
        echoed = form(text);
        const ran = await home.run([...args, ...flags], { env: { ARCADE_POSTHOG_KEY: "k" } });
        const { code, stdout, stderr, reported } = ran;
        assert.equal(code, 1);
        const printed = leaksIn(stdout + stderr, home.secrets);
        assert.deepEqual(printed, [], `${args.join(" ")} ${flags.join()}: ${stdout}${stderr}`);
        assert.equal(reported.length, 1);
        const { properties } = JSON.parse(reported[0] ?? "");
        const message = String(properties.error_message);
        assert.match(message, /\(422\)/);
        assert(message.length <= 300);
        assert.deepEqual(leaksIn(message, home.texts), [], `${args.join(" ")}: ${message}`);
      }
    }
  });
}

Deno.test("leaksIn() finds every echoed text", () => {
  using home = new Private("http://localhost");
  for (const form of Object.values(ECHOES)) {
    for (const text of home.texts) assert(leaksIn(form(text), home.texts).length > 0, form(text));
  }
});
