import assert from "node:assert/strict";
import type { Browser, Page } from "puppeteer-core";
import { PATIENCE_MS } from "../support/patience.ts";
import { addressOf, isAvailable, Machine } from "../support/processes.ts";

const PROGRAMS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const VALUE = "the-value-that-no-page-shows";

const chromium = PROGRAMS.find((program) => {
  try {
    return Deno.statSync(program).isFile;
  } catch {
    return false; // not this one
  }
});
const ignore = !isAvailable("Chromium", () => chromium !== undefined);

/** Starts a Chromium with a profile of its own. */
async function startChromium(machine: Machine): Promise<Browser> {
  const { launch } = await import("puppeteer-core");
  return await launch({
    executablePath: chromium ?? "",
    userDataDir: `${machine.path}/chromium`,
    timeout: PATIENCE_MS,
    env: machine.env,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens an address in a new tab. */
async function visit(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const response = await page.goto(url);
  assert.equal(response?.status(), 200);
  return page;
}

/** Presses a button by its text, and waits for the page that it leads to. */
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
  await using machine = new Machine();
  const server = await machine.serve({ autoApprove: false });
  await using browser = await startChromium(machine);
  const startLogin = (...flags: string[]) =>
    machine.start(["login", "--callback-port", "0", "--no-browser", ...flags]);

  await t.step("deny: the page and the exit code say so, and nothing is stored", async () => {
    const login = startLogin();
    const page = await visit(browser, await addressOf(login));
    await press(page, "Deny");
    const { code, stderr } = await login.end();
    assert.equal(code, 4);
    assert.match(stderr, /\nError: The login was denied\. Run arcade login again\n$/);
    const text = await textOf(page);
    assert.match(text, /The login did not work/);
    assert.match(text, /The login was denied/);
    assert.throws(() => Deno.statSync(machine.credentials), Deno.errors.NotFound);
  });

  await t.step("what is no e-mail address is asked for again", async () => {
    const login = startLogin();
    const page = await visit(browser, await addressOf(login));
    await page.locator("#email").fill("nobody");
    await press(page, "Approve");
    assert.match(await textOf(page), /That is no e-mail address/);
    await press(page, "Deny");
    assert.equal((await login.end()).code, 4);
  });

  await t.step("create an account and approve", async () => {
    const login = startLogin();
    const page = await visit(browser, await addressOf(login));
    assert.equal(await page.title(), "Sign in to the local Arcade");
    await page.locator("#email").fill("ada@example.com");
    await press(page, "Approve");
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /\nLogged in as ada@example\.com\n/);
    assert.match(await textOf(page), /You are logged in\s+ada@example\.com is logged in/);
    assert.match((await machine.run(["whoami"])).stdout, /ada@example\.com/);
  });

  await t.step("the dashboard shows the key of a secret and never its value", async () => {
    const { code, stderr } = await machine.run(["secret", "set", `SHOWN_KEY=${VALUE}`]);
    assert.equal(code, 0, stderr);
    const page = await visit(browser, server.url);
    const text = await textOf(page);
    assert.match(text, /ada@example\.com/);
    assert.match(text, /SHOWN_KEY/);
    assert(!(await page.content()).includes(VALUE));
  });

  await t.step("a project that is made on the dashboard can be chosen", async () => {
    const page = await visit(browser, server.url);
    await page.locator("form[action='/dashboard/projects'] input[name=name]").fill("<b>Café</b>");
    await Promise.all([
      page.waitForNavigation(),
      page.locator("form[action='/dashboard/projects'] button").click(),
    ]);
    assert.match(await textOf(page), /<b>Café<\/b>/);
    const { code, stderr } = await machine.run(["project", "set", "<b>Café</b>"]);
    assert.equal(code, 0, stderr);
  });

  await t.step("an account that is there can be chosen", async () => {
    assert.equal((await machine.run(["logout"])).code, 0);
    const login = startLogin();
    const page = await visit(browser, await addressOf(login));
    assert.match(await textOf(page), /ada@example\.com[^]*A new account/);
    await press(page, "Approve");
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Logged in as ada@example\.com/);
  });

  await t.step("a device is let in by its code", async () => {
    assert.equal((await machine.run(["logout"])).code, 0);
    const login = machine.start(["login", "--device"]);
    const [, userCode = ""] = await login.printed(/the code ([A-Z]{4}-[A-Z]{4})\./);
    const page = await visit(browser, `${server.url}/device`);
    await page.locator("#user_code").fill("BBBB-BBBB");
    await press(page, "Continue");
    assert.match(await textOf(page), /No device waits with this code/);
    await page.locator("#user_code").fill(userCode.replace("-", " ").toLowerCase());
    await press(page, "Continue");
    assert.match(await textOf(page), new RegExp(userCode));
    await page.locator("::-p-text(A new account)").click();
    await page.locator("#email").fill("grace@example.com");
    await press(page, "Approve");
    assert.match(await textOf(page), /Device signed in/);
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Logged in as grace@example\.com/);
  });

  await t.step("a device is turned away", async () => {
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
