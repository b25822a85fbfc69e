import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Browser, Page } from "puppeteer-core";
import { Fields } from "../../../src/contract/fields.ts";
import { Answers } from "../../support/answers.ts";
import { startChromium, withoutChromium as ignore } from "../../support/browser.ts";
import { PATIENCE_MS } from "../../support/patience.ts";
import { Project } from "../../support/project.ts";
import { addressOf, TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, withoutPython } from "../../support/test_server.ts";

const VALUE = "the-value-that-no-page-shows";

/** Opens an address in a new tab. */
async function visit(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const response = await page.goto(url);
  assert.equal(response?.status(), 200);
  return page;
}

/** Presses a button by its text, and waits for the next page. */
async function press(page: Page, button: string): Promise<void> {
  await Promise.all([
    page.waitForNavigation(),
    page.locator(`button ::-p-text(${button})`).click(),
  ]);
}

async function textOf(page: Page): Promise<string> {
  return String(await page.evaluate("document.body.innerText"));
}

Deno.test({ name: "login through a real browser", ignore }, async (t) => {
  await using machine = new TestMachine();
  const server = await machine.serve({ autoApprove: false });
  await using browser = await startChromium(machine);
  const startLogin = (...flags: string[]) =>
    machine.start(["login", "--callback-port", "0", "--no-browser", ...flags]);

  await t.step(
    "a new browser is asked once for the code from the terminal",
    async () => {
      const login = startLogin();
      const page = await browser.newPage();
      assert.equal((await page.goto(await addressOf(login)))?.status(), 403);
      assert.match(await textOf(page), /Is this your local Arcade\?/);
      await page.locator("#code").fill("BBBB-BBBB");
      await press(page, "Continue");
      assert.match(await textOf(page), /Wrong code\. Use the code in the terminal/);
      await page.locator("#code").fill((server.code ?? "").toLowerCase());
      await press(page, "Continue");
      assert.equal(await page.title(), "Sign in to the local Arcade");
      await press(page, "Deny");
      assert.equal((await login.end()).code, 4);
    },
  );

  await t.step("deny: the page and the exit code say so, and nothing is stored", async () => {
    const login = startLogin();
    const page = await visit(browser, await addressOf(login));
    await press(page, "Deny");
    const { code, stderr } = await login.end();
    assert.equal(code, 4);
    assert.match(stderr, /\nError: The login was denied\n {2}Run the same command again\n$/);
    const text = await textOf(page);
    assert.match(text, /Login failed/);
    assert.match(text, /The login was denied/);
    assert.doesNotMatch(page.url(), /[?#]/);
    assert.throws(() => Deno.statSync(machine.credentials), Deno.errors.NotFound);
  });

  await t.step("the page asks again after an invalid e-mail address", async () => {
    const login = startLogin();
    const page = await visit(browser, await addressOf(login));
    await page.locator("::-p-text(A new account)").click();
    await page.locator("#email").fill("nobody");
    await press(page, "Approve");
    assert.match(await textOf(page), /That is not an e-mail address/);
    await press(page, "Deny");
    assert.equal((await login.end()).code, 4);
  });

  await t.step("create an account and approve", async () => {
    const login = startLogin();
    const page = await visit(browser, await addressOf(login));
    assert.equal(await page.title(), "Sign in to the local Arcade");
    await page.locator("::-p-text(A new account)").click();
    await page.locator("#email").fill("ada@example.com");
    await press(page, "Approve");
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /\nLogged in as ada@example\.com\n/);
    assert.match(await textOf(page), /You are logged in\s+ada@example\.com is logged in/);
    assert.doesNotMatch(page.url(), /[?#]/, "The URL contains the code and the state");
    assert.match((await machine.run(["whoami"])).stdout, /ada@example\.com/);
  });

  await t.step("the dashboard shows the key of a secret and never its value", async () => {
    const { code, stderr } = await machine.run(["secret", "set", `SHOWN_KEY=${VALUE}`]);
    assert.equal(code, 0, stderr);
    const page = await visit(browser, server.url);
    assert.match(await textOf(page), /ada@example\.com/);
    const id = machine.stored("project_id");
    await Promise.all([
      page.waitForNavigation(),
      page.locator(`a[href='/projects/${id}']`).click(),
    ]);
    assert.match(await textOf(page), /SHOWN_KEY/);
    assert(!(await page.content()).includes(VALUE));
  });

  await t.step("a secret stored on the page of its project can be listed", async () => {
    const page = await visit(browser, `${server.url}/projects/${machine.stored("project_id")}`);
    await page.locator("summary ::-p-text(Set a secret)").click();
    await page.locator("#secret-key").fill("TYPED_KEY");
    await page.locator("#secret-value").fill(VALUE);
    await press(page, "Save");
    assert(!(await page.content()).includes(VALUE));
    assert.match((await machine.run(["secret", "list"])).stdout, /TYPED_KEY/);
  });

  await t.step("a project created on the dashboard can be selected", async () => {
    const page = await visit(browser, server.url);
    const account = "main > section:nth-of-type(2)";
    await page.locator(`${account} .card summary`).click();
    const form = `${account} form[action='/dashboard/projects']`;
    await page.locator(`${form} input[name=name]`).fill("<b>Café</b>");
    await Promise.all([page.waitForNavigation(), page.locator(`${form} button`).click()]);
    assert.equal(await page.$eval("h1", (heading) => heading.textContent), "<b>Café</b>");
    const { code, stderr } = await machine.run(["project", "set", "<b>Café</b>"]);
    assert.equal(code, 0, stderr);
  });

  await t.step("an existing account can be selected", async () => {
    assert.equal((await machine.run(["logout"])).code, 0);
    const login = startLogin();
    const page = await visit(browser, await addressOf(login));
    assert.match(await textOf(page), /ada@example\.com[^]*A new account/);
    await page.locator("::-p-text(ada@example.com)").click();
    await press(page, "Approve");
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Logged in as ada@example\.com/);
  });

  await t.step("a device is approved by its code", async () => {
    assert.equal((await machine.run(["logout"])).code, 0);
    const login = machine.start(["login", "--device"]);
    const [, userCode = ""] = await login.printed(/Your code: ([A-Z]{4}-[A-Z]{4})/);
    const page = await visit(browser, `${server.url}/device`);
    await page.locator("#user_code").fill("BBBB-BBBB");
    await press(page, "Continue");
    assert.match(await textOf(page), /Unknown code/);
    await page.locator("#user_code").fill(userCode.replace("-", " ").toLowerCase());
    await press(page, "Continue");
    assert.match(await textOf(page), new RegExp(userCode));
    await page.locator("::-p-text(A new account)").click();
    await page.locator("#email").fill("grace@example.com");
    await press(page, "Approve");
    assert.match(await textOf(page), /You.re signed in/);
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Logged in as grace@example\.com/);
  });

  await t.step("a device is denied", async () => {
    assert.equal((await machine.run(["logout"])).code, 0);
    const login = machine.start(["login", "--device"]);
    const page = await visit(browser, await addressOf(login));
    await press(page, "Deny");
    assert.match(await textOf(page), /Sign-in denied/);
    const { code, stderr } = await login.end();
    assert.equal(code, 4);
    assert.match(stderr, /\nError: The login was denied/);
  });
});

Deno.test({
  name: "the printed address works, and other sites cannot act, in a real browser",
  ignore,
}, async (t) => {
  await using machine = new TestMachine();
  const server = await machine.serve({ autoApprove: false });
  await using browser = await startChromium(machine);
  const events = `${server.url}/api/v1/events`;
  const startLogin = () =>
    machine.start(["login", "--callback-port", "0", "--no-browser", "--timeout", "600"]);

  await t.step(
    "the printed address opens the dashboard, and the token leaves the URL",
    async () => {
      const page = await visit(browser, server.dashboard);
      assert.equal(await page.title(), "Local Arcade");
      assert.equal(page.url(), `${server.url}/`);
      await page.goto(events);
      assert.match(await textOf(page), /"items":\[\]/);
    },
  );

  await t.step("the address works once: another browser is asked for the code", async () => {
    const other = await browser.createBrowserContext();
    const page = await other.newPage();
    assert.equal((await page.goto(server.dashboard))?.status(), 403);
    assert.equal(page.url(), `${server.url}/`);
    assert.match(await textOf(page), /Code from the terminal/);
    assert.equal((await page.goto(events))?.status(), 401);
    await other.close();
  });

  await t.step("a login takes one click, and the final URL contains no code or state", async () => {
    const login = startLogin();
    const page = await visit(browser, await addressOf(login));
    await press(page, "Approve");
    assert.match(await textOf(page), /You are logged in/);
    assert.doesNotMatch(page.url(), /[?#]/);
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
    assert.equal((await machine.run(["logout"])).code, 0);
  });

  // A page of another user of this machine: same host, other port, so that its requests carry the cookie.
  const login = startLogin();
  const authorize = await addressOf(login);
  const callback = new URL(authorize).searchParams.get("redirect_uri") ?? "";
  await using hostile = new Answers(() =>
    new Response(
      `<!doctype html><title>Hostile</title>
<a id="link" href="${escaped(authorize)}">a link</a>
<form id="form" method="post" action="${server.url}/dashboard/organizations" target="posted">
  <input name="account" value="x"><input name="name" value="Hostile">
</form>
<iframe name="posted"></iframe>
<iframe src="${escaped(authorize)}"></iframe>
<img src="${escaped(authorize)}">
<img src="${callback}?code=x&amp;state=y">
<img src="${callback}?error=access_denied&amp;state=y">
<script>document.getElementById("form").submit()</script>`,
      { headers: { "content-type": "text/html" } },
    )
  );

  for (
    const [name, origin] of [
      ["another port", hostile.url],
      ["another site", hostile.url.replace("127.0.0.1", "localhost")],
    ] as const
  ) {
    await t.step(`${name}: nothing is written before the user acts`, async () => {
      const before = pendingAuthorizations(server.data);
      const refusals = 1 + await server.count("403 POST /dashboard/organizations");
      const page = await visit(browser, origin);
      assert.equal(await page.title(), "Hostile");
      await server.process.printed(
        new RegExp(`(?:\n403 POST /dashboard/organizations\n[^]*){${refusals}}`),
      );
      await Promise.all([page.waitForNavigation(), page.locator("#link").click()]);
      assert.equal(await page.title(), "Go to your local Arcade?");
      assert.equal(pendingAuthorizations(server.data), before);
      await Promise.all([page.waitForNavigation(), page.locator("main a").click()]);
      assert.equal(await page.title(), "Sign in to the local Arcade");
      assert.equal(pendingAuthorizations(server.data), before + 1);
    });
  }

  await t.step("the login still waits for its own callback", async () => {
    const page = await visit(browser, authorize);
    await press(page, "Approve");
    assert.match(await textOf(page), /You are logged in/);
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
  });
});

function escaped(address: string): string {
  return address.replaceAll("&", "&amp;");
}

function pendingAuthorizations(data: string): number {
  const database = new DatabaseSync(`${data}/arcade.db`, { readOnly: true });
  const row = database.prepare("SELECT count(*) AS count FROM pending_authorizations").get();
  database.close();
  return Number(row?.count);
}

Deno.test({
  name: "a user allows an application access in a real browser, and returns to it",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const server = await machine.serve({ autoApprove: false });
  const pages: string[] = [];
  await using application: Answers = new Answers(({ path }) => {
    pages.push(path);
    // A verifier, and then the page at the end. Its address is on another site than the local Arcade.
    return path.startsWith("/verify")
      ? new Response(null, { status: 303, headers: { location: `${application.url}/done` } })
      : new Response("The application", { headers: { "content-type": "text/html" } });
  });
  const request = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(`${server.url}/v1/${path}`, {
      method,
      headers: { authorization: server.environment.ARCADE_API_KEY ?? "" },
      body: JSON.stringify(body),
    });
    return new Fields(await answer.json());
  };
  const ask = async (user_id: string) => {
    const authorization = await request("POST", "auth/authorize", {
      user_id,
      next_uri: `${application.url}/done`,
      auth_requirement: { provider_id: "github", oauth2: { scopes: ["repo"] } },
    });
    return authorization.requiredText("url");
  };
  await using browser = await startChromium(machine);
  const page = await visit(browser, server.dashboard);

  await page.goto(await ask("ada@example.com"));
  await press(page, "Allow");
  assert.equal(page.url(), `${application.url}/done`);

  const settings = { verifier_url: `${application.url}/verify` };
  await request("PUT", "admin/settings/session_verification", settings);
  await page.goto(await ask("user-123"));
  await press(page, "Allow for a minute");
  assert.equal(page.url(), `${application.url}/done`);
  const [, verified] = pages.filter((path) => !path.includes("favicon"));
  assert.match(verified ?? "", /^\/verify\?flow_id=arcl_fl_/);
});

Deno.test({
  name: "the page of a server says how its tools are called, and the line works, in a real browser",
  ignore: ignore || withoutPython,
}, async () => {
  await using machine = new TestMachine();
  machine.env.PATH = PYTHON_ENVIRONMENT.PATH;
  const server = await machine.serve();
  await machine.logIn();
  const [org, id] = ["org_id", "project_id"].map((name) => machine.stored(name));
  const scope = `${server.url}/v1/orgs/${org}/projects/${id}`;
  await new Project(scope, machine.stored("access_token")).deployed();
  await using browser = await startChromium(machine);
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${server.url}/projects/${id}`);
  await Promise.all([page.waitForNavigation(), page.locator("a[href^='/servers/']").click()]);
  await page.locator("a ::-p-text(TestServer.Greet)").click();
  await page.waitForSelector("section.tool h2 ::-p-text(TestServer.Greet)");
  const text = await textOf(page);
  const [line = ""] = /arcade tool call TestServer\.Greet .*/.exec(text) ?? [];
  const { code, stdout, stderr } = await machine.run(line.split(" ").slice(1));
  assert.deepEqual([code, stdout], [0, "Hello, text! (1.0.0)\n"], stderr);
});
