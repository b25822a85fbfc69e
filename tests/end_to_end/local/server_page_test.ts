import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import type { Mapping } from "../../../src/contract/fields.ts";
import { json } from "../../support/answers.ts";
import { startChromium, withoutChromium as ignore } from "../../support/browser.ts";
import { PATIENCE_MS } from "../../support/patience.ts";
import { TestMachine } from "../../support/test_machine.ts";
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

/** A machine with a local Arcade and a browser on the page of a server. */
class Opened implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly machine: TestMachine;
  #page: Page | undefined;
  /** What went wrong in the page. */
  readonly errors: string[] = [];
  path = "";

  private constructor() {
    this.machine = this.#stack.use(new TestMachine());
  }

  static async at(worker: FakeWorker, id = "demo"): Promise<Opened> {
    const opened = new Opened();
    const { machine } = opened;
    const { url } = await machine.serve();
    await opened.ask("workers", {
      id,
      http: { uri: worker.url, secret: "s", timeout: 30, retry: 0 },
    });
    const browser = opened.#stack.use(await startChromium(machine));
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => opened.errors.push(String(error)));
    page.on("console", (message) => {
      if (/policy|trusted/i.test(message.text())) opened.errors.push(message.text());
    });
    opened.#page = page;
    await page.goto(url);
    opened.path = await page.$eval("a[href^='/servers/']", (link) => link.href);
    await page.goto(opened.path);
    return opened;
  }

  get page(): Page {
    assert(this.#page !== undefined);
    return this.#page;
  }

  /** Sends a request with the API key. */
  async ask(path: string, body: Mapping): Promise<void> {
    const { url, environment } = this.machine.server;
    const answer = await fetch(`${url}/v1/${path}`, {
      method: "POST",
      headers: { authorization: environment.ARCADE_API_KEY ?? "" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    assert(answer.ok, text);
  }

  /** Picks a tool from the list. */
  async pick(name: string): Promise<void> {
    await this.page.locator(`#tools a ::-p-text(Demo.${name})`).click();
    await this.page.waitForSelector(`#about ::-p-text(Demo.${name})`);
  }

  async text(selector: string): Promise<string> {
    return await this.page.$eval(selector, (element) => element.textContent ?? "");
  }

  /** Waits until an element contains a text. */
  async shows(selector: string, text: string): Promise<void> {
    await this.page.waitForSelector(`${selector} ::-p-text(${text})`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

Deno.test({
  name: "a plain tool, one with a secret and one with a grant are called on the page",
  ignore,
}, async (t) => {
  await using worker = new FakeWorker(THREE, answer);
  await using opened = await Opened.at(worker);
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
    await opened.pick("WhisperSecret");
    await page.locator(".go").click();
    await opened.shows("#result", "secret not found: MY_SECRET_KEY");
    await page.locator("#secret-0").fill("the value of the secret");
    await page.locator("[aria-label='Save the secret MY_SECRET_KEY']").click();
    await opened.shows("#needs", "set");
    await page.locator(".go").click();
    await opened.shows("#result", "The last 4 characters of the secret are: cret");
    assert(!(await page.content()).includes("the value of the secret"));
  });

  await t.step("the one with a grant, which the page asks for", async () => {
    await opened.pick("StarRepo");
    await page.locator("#field-0").fill("ArcadeAI");
    await page.locator("#field-1").fill("arcade-mcp");
    await page.locator(".go").click();
    await opened.shows("#result", "authorization required");
    await Promise.all([
      page.waitForNavigation(),
      page.locator("#needs button ::-p-text(Open the page)").click(),
    ]);
    await Promise.all([page.waitForNavigation(), page.locator("button ::-p-text(Allow)").click()]);
    await opened.shows("#needs", "granted");
    await page.locator("#needs button ::-p-text(Revoke)").click();
    await opened.shows("#needs", "missing");
    await page.locator("#needs button[value=grant]").click();
    await opened.shows("#needs", "granted");
    await page.locator("#field-0").fill("ArcadeAI");
    await page.locator("#field-1").fill("arcade-mcp");
    await page.locator(".go").click();
    await opened.shows("#result", "Starred ArcadeAI/arcade-mcp");
  });

  assert.deepEqual(opened.errors, []);
});
