import assert from "node:assert/strict";
import { json } from "../../support/answers.ts";
import { withoutChromium as ignore } from "../../support/browser.ts";
import { until } from "../../support/patience.ts";
import { shellWord } from "../../../src/text/shell_word.ts";
import { Project } from "../../support/project.ts";
import { BINARY } from "../../support/test_machine.ts";
import { ServerPage } from "../../support/server_page.ts";
import { withoutPython } from "../../support/test_server.ts";
import {
  FakeWorker,
  type Invocation,
  parameter,
  succeeded,
  workerTool,
} from "../../support/workers.ts";

/** The tools of `arcade new`: a plain one, one with a secret and one with a grant. */
const THREE = [
  workerTool("Greet", {
    input: { parameters: [parameter("name", "string", { required: true })] },
  }),
  workerTool("WhisperSecret", {
    requirements: { authorization: null, secrets: [{ key: "MY_SECRET_KEY" }] },
  }),
  workerTool("StarRepo", {
    input: {
      parameters: ["owner", "repo"].map((name) => parameter(name, "string", { required: true })),
    },
    requirements: {
      authorization: { provider_id: "github", provider_type: "oauth2" },
      secrets: null,
    },
  }),
];

function answer({ tool, inputs, context }: Invocation): Response {
  switch (tool.name) {
    case "Greet":
      return succeeded(`Hello, ${inputs.name}!`);
    case "WhisperSecret":
      return succeeded(`The last 4 characters of the secret are: ${endOf(context.secrets)}`);
    default:
      return context.authorization ? succeeded(`Starred ${inputs.owner}/${inputs.repo}`) : json({});
  }
}

function endOf(secrets: unknown): string {
  return JSON.stringify(secrets).slice(0, -3).slice(-4);
}

Deno.test({
  name: "a plain tool, one with a secret and one with a grant are called on the page",
  ignore,
}, async (t) => {
  await using worker = new FakeWorker(THREE, answer);
  await using opened = await ServerPage.of(worker);
  const { page } = opened;

  await t.step("the plain one, with the keyboard", async () => {
    await page.locator("#field-0").fill("Ada");
    await page.focus("#field-0");
    await page.keyboard.down("Control");
    await page.keyboard.press("Enter");
    await page.keyboard.up("Control");
    await opened.shows("#result", "Hello, Ada!");
    assert.match(await opened.text("#line"), /^arcade tool call Demo\.Greet --name Ada$/);
  });

  await t.step("the one with a secret, which is entered on the page", async () => {
    await opened.pick("Demo.WhisperSecret");
    await opened.call();
    await opened.shows("#result", "secret not found: MY_SECRET_KEY");
    await opened.enterSecret("the value of the secret");
    await opened.call();
    await opened.shows("#result", "The last 4 characters of the secret are: cret");
    assert(!(await page.content()).includes("the value of the secret"));
  });

  await t.step("the one with a grant, which the page asks for", async () => {
    await opened.pick("Demo.StarRepo");
    await opened.call("ArcadeAI", "arcade-mcp");
    await opened.shows("#result", "authorization required");
    await Promise.all([
      page.waitForNavigation(),
      page.locator("#needs button[value=ask]").click(),
    ]);
    await Promise.all([page.waitForNavigation(), page.locator("button ::-p-text(Allow)").click()]);
    await opened.shows("#needs", "granted");
    await page.locator("#needs button[value=revoke]").click();
    await opened.shows("#needs", "missing");
    await page.locator("#needs button[value=grant]").click();
    await opened.shows("#needs", "granted");
    await opened.call("ArcadeAI", "arcade-mcp");
    await opened.shows("#result", "Starred ArcadeAI/arcade-mcp");
  });

  assert.deepEqual(opened.errors, []);
});

Deno.test(
  { name: "an open page shows what changes elsewhere, and keeps what was typed", ignore },
  async () => {
    await using worker = new FakeWorker(THREE, answer);
    await using opened = await ServerPage.of(worker);
    const { page } = opened;
    await page.locator("#field-0").fill("typed by the user");
    // A mark that a reload would remove.
    await page.$eval(".server", (element) => element.setAttribute("data-mark", "same page"));

    const call = { tool_name: "Demo.Greet", input: { name: "value-of-another" } };
    await opened.ask("POST tools/execute", { ...call, user_id: "bob@example.com" });
    await opened.shows("#calls", "bob@example.com");
    assert(!(await page.content()).includes("value-of-another"));

    await opened.ask("PUT admin/secrets/MY_SECRET_KEY", { value: "the value of the secret" });
    await page.waitForFunction(
      "!document.querySelector('#tools').textContent.includes('needs secret')",
    );

    const [greet, ...others] = THREE;
    const changed = {
      ...greet,
      description: "Greets in a language",
      input: {
        parameters: [
          parameter("name", "string", { required: true }),
          parameter("language", "string", { enum: ["de", "en"] }),
        ],
      },
    };
    worker.tools = [changed, ...others];
    // A server that was asked within the last second is not asked again.
    await until("the new field", async () => {
      await opened.ask("GET tools");
      return await page.$("select[name='input.language']") !== null;
    });
    await opened.shows("#about", "Greets in a language");
    assert.equal(await page.$eval("#field-0", ({ value }) => value), "typed by the user");

    await page.locator("#calls ::-p-text(Repeat)").click();
    await page.waitForFunction("document.querySelector('#field-0').value === 'value-of-another'");
    assert.match(await opened.text("#line"), /--name value-of-another --user bob@example\.com$/);
    await page.locator("#calls ::-p-text(Call again)").click();
    await page.waitForFunction("document.querySelectorAll('#calls tbody tr').length === 2");
    assert.deepEqual(worker.invocations.map(({ inputs }) => inputs), [call.input, call.input]);
    assert.equal(await page.$eval(".server", ({ dataset }) => dataset.mark), "same page");
    assert.deepEqual(opened.errors, []);
  },
);

/** Texts that would break a page or deceive its reader. */
const HOSTILE =
  "</pre></textarea><script>globalThis.evil = 1</script><img src=x onerror='globalThis.evil = 1'>" +
  "\u202eright to left\u2066 \x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2J\0";

Deno.test({
  name: "hostile names, descriptions and results stay text, and a result of 10 MB is cut",
  ignore,
}, async () => {
  const evil = workerTool(HOSTILE, {
    description: HOSTILE.repeat(3),
    toolkit: { name: "Demo", description: null, version: HOSTILE },
    input: {
      parameters: [
        parameter(HOSTILE, "string", { enum: [HOSTILE, "--yes"] }),
        parameter(HOSTILE, "array", { inner_val_type: "string", enum: [HOSTILE] }),
      ],
    },
    requirements: { secrets: [{ key: HOSTILE }], authorization: null },
  });
  const loud = workerTool("Loud", { input: { parameters: [parameter("__proto__", "string")] } });
  const large = workerTool("Large");
  await using worker = new FakeWorker(
    [loud, large, evil],
    ({ tool }) =>
      tool.name === "Loud"
        ? succeeded({ [HOSTILE]: [HOSTILE] })
        : succeeded("<b>".repeat(10 * 1024 * 1024 / 3)),
  );
  await using opened = await ServerPage.of(worker);
  const { page } = opened;
  await page.locator("#field-0").fill("a value");
  await page.locator(".go").click();
  await opened.shows("#result", "globalThis.evil");
  assert.deepEqual(Object.entries(worker.invocations[0]?.inputs ?? {}), [["__proto__", "a value"]]);
  await opened.pick("Demo.Large");
  await page.locator(".go").click();
  await opened.shows("#result", "more characters");
  assert((await opened.text("#output")).startsWith("<b><b>"));
  assert((await page.content()).length < 500_000);
  await page.locator("#tools li:last-child a").click();
  await opened.shows("#about", "globalThis.evil");

  assert.equal(await page.evaluate("globalThis.evil"), undefined);
  assert.equal(await page.$$eval("main :is(script, img, b)", ({ length }) => length), 0);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(await opened.text("main"), /[\u202a-\u202e\u2066-\u2069\x1b\x07]/);
  assert.deepEqual(opened.errors, []);
});

Deno.test({
  name:
    "the log of a server comes with its colors, without its markup, and without values of secrets",
  ignore: ignore || withoutPython,
}, async () => {
  await using worker = new FakeWorker([], answer);
  await using opened = await ServerPage.of(worker);
  const { page, machine } = opened;
  await machine.logIn();
  await Project.of(machine).deployed();
  await opened.ask("PUT admin/secrets/KEY", { value: "value-of-secret" });
  await opened.ask("DELETE workers/demo");
  await opened.open();
  await opened.shows("#lines", "TestServer 1.0.0 starts");
  // It prints each name that it greets.
  const greet = (name: string) =>
    opened.ask("POST tools/execute", { tool_name: "TestServer.Greet", input: { name } });
  await greet(HOSTILE);
  await greet("\x1b[1;33mval\x1b[0mue-of-secret, value-of-secret");
  await opened.shows("#lines", "[hidden], [hidden]");
  const line = await page.$eval("#lines .log-line:nth-last-child(2)", (element) => ({
    text: element.textContent ?? "",
    red: element.querySelector(".sgr-red")?.textContent,
    elements: element.querySelectorAll(":not(span)").length,
  }));
  assert.match(
    line.text,
    /Greeting <\/pre><\/textarea><script>.*\ufffdright to left\ufffd red \ufffd\n$/,
  );
  assert.deepEqual([line.red, line.elements], ["red", 0]);
  assert.equal(await page.$("#lines [style]"), null);
  assert.equal(await page.evaluate("globalThis.evil"), undefined);
  assert.deepEqual(opened.errors, []);
});

Deno.test({
  name: "a call that takes long is shown while it runs, and its result when it is there",
  ignore,
}, async () => {
  const called = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  await using worker = new FakeWorker([workerTool("Slow")], async () => {
    called.resolve();
    await finish.promise;
    return succeeded("done at last");
  });
  await using opened = await ServerPage.of(worker);
  // A test that has failed must not wait for the call.
  await using _ = { [Symbol.asyncDispose]: () => Promise.resolve(finish.resolve()) };
  await opened.call();
  await called.promise;
  await opened.shows("#calls", "running");
  await opened.shows("#result", "The call is running");
  await opened.shows("#result .steps", "Ask the server");
  finish.resolve();
  await opened.shows("#result", "done at last");
  await opened.shows("#calls", "completed");
  assert.deepEqual(opened.errors, []);
});

Deno.test({
  name: "an open page says when its server is gone, and goes on when it is back",
  ignore,
}, async () => {
  await using worker = new FakeWorker(THREE, answer);
  await using opened = await ServerPage.of(worker);
  await opened.page.locator("#field-0").fill("typed by the user");
  await opened.ask("DELETE workers/demo");
  await opened.page.waitForSelector("#offline:not([hidden])");
  await opened.register(worker);
  await opened.page.waitForSelector("#offline[hidden]");
  await opened.ask("POST tools/execute", { tool_name: "Demo.Greet", input: { name: "Bob" } });
  await opened.shows("#calls", "completed");
  assert.equal(await opened.page.$eval("#field-0", ({ value }) => value), "typed by the user");
});

Deno.test({ name: "the command line of a call does the same in a shell", ignore }, async () => {
  const every = workerTool("Every", {
    input: {
      parameters: [
        parameter("text", "string"),
        parameter("user", "string"),
        parameter("a b", "string"),
        parameter("days", "integer"),
        parameter("is_long", "boolean"),
        parameter("is_short", "boolean"),
        parameter("json", "boolean"),
        parameter("tags", "array", { inner_val_type: "string" }),
        parameter("options", "json"),
        parameter("a=b", "string"),
      ],
    },
  });
  await using worker = new FakeWorker([every]);
  await using opened = await ServerPage.of(worker);
  const { machine, page } = opened;
  await machine.logIn();
  const nasty = 'it\'s "$(id)" `id` \\ --yes;\n-- *';
  const flags = {
    text: nasty,
    user: "--json",
    "a b": "-",
    days: -1,
    is_long: true,
    is_short: false,
    json: false,
    tags: ["[", nasty, ""],
    options: { deep: [nasty, null, 0.5] },
  };
  for (const input of [flags, { "a=b": nasty, days: 1 }, { text: "@file", options: "@file" }]) {
    worker.invocations.length = 0;
    await opened.ask("POST tools/execute", { tool_name: "Demo.Every", input, user_id: "bob" });
    await page.reload();
    await page.goto(await page.$eval("#calls a[id^=repeat]", (link) => link.href));
    const line = (await opened.text("#line")).replace(/^arcade/, shellWord(BINARY));
    const ran = await machine.startProgram(["sh", "-c", line]).end();
    assert.equal(ran.code, 0, line + ran.stderr);
    assert.deepEqual(worker.invocations.map(({ inputs }) => inputs), [input, input], line);
    assert.deepEqual(worker.invocations.map(({ context }) => context.user_id), ["bob", "bob"]);
  }
});
