import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "puppeteer-core";
import { Fields } from "../../../src/contract/fields.ts";
import { json } from "../../support/answers.ts";
import { startChromium, withoutChromium as ignore } from "../../support/browser.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { PATIENCE_MS } from "../../support/patience.ts";
import { Project } from "../../support/project.ts";
import { addressOf, TestMachine } from "../../support/test_machine.ts";
import { FakeWorker, parameter, succeeded, workerTool } from "../../support/workers.ts";

Deno.test(
  { name: "axe finds no problems on any page, in light and dark mode, also on a phone", ignore },
  async (t) => {
    await using machine = new TestMachine();
    const server = await machine.serve();
    const { url } = server;
    await using browser = await startChromium(machine);
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const projectPage = () => `${url}/projects/${machine.stored("project_id")}`;

    const check = async (address: string) => {
      await page.goto(address);
      await checkShown(address);
    };
    const checkShown = async (address: string) => {
      await page.$$eval("details", (all) => all.forEach((one) => one.open = true));
      for (const value of ["light", "dark"]) {
        for (const width of [1000, 375]) {
          await page.setViewport({ width, height: 800 });
          await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
          assert.deepEqual(await violations(page), [], `${address} in ${value}, ${width} wide`);
          const wider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
          assert.equal(wider, false, `${address} scrolls sideways, ${width} wide`);
          assert.deepEqual(await brokenWords(page), [], `${address} breaks words, ${width} wide`);
          assert.deepEqual(await smallTargets(page), [], `${address}, ${width} wide`);
        }
      }
    };

    for (
      const path of [
        "/",
        "/calls",
        "/events",
        "/device",
        "/device?user_code=BBBB-BBBB",
        "/nothing-here",
      ]
    ) {
      await t.step(`${path}, with nothing stored`, () => check(url + path));
    }

    await t.step("the sign-in and its result", async () => {
      const login = machine.start(["login", "--callback-port", "0", "--no-browser"]);
      const address = await addressOf(login);
      assert.match(address, /\/oauth2\/authorize\?/);
      await check(address); // approved automatically, so this is the result page of the command line
      assert.equal((await login.end()).code, 0);
    });

    await t.step("the page of a server", async () => {
      const [org, project] = ["org_id", "project_id"].map((name) => machine.stored(name));
      const scope = `${url}/v1/orgs/${org}/projects/${project}`;
      const servers = new Project(scope, machine.stored("access_token"));
      await servers.deploy(); // running with Python, and failed without
      await servers.logged(/^arcade: (?:Healthy|No Python)/);
      await check(url);
      await check(projectPage());
      await page.goto(projectPage());
      await check(await page.$eval("a[href^='/servers/']", (link) => link.href));
      assert.equal((await servers.request("DELETE /workers/test_server")).status, 204);
    });

    await t.step("the page of a server that runs elsewhere, and those of calls", async () => {
      const ask = async (path: string, body?: unknown) => {
        const answer = await fetch(`${url}/v1/${path}`, {
          method: body === undefined ? "DELETE" : "POST",
          headers: { authorization: server.environment.ARCADE_API_KEY ?? "" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        await answer.body?.cancel();
        return answer.status;
      };
      await using weather = new FakeMcpServer({
        tools: [{ name: "forecast_of_the_whole_week", description: "Tells the weather" }],
      });
      const mcp = {
        uri: `${weather.url}/mcp/of/a/rather/long/address`,
        timeout: 30,
        retry: 3,
        headers: { "x-authorization-of-the-server": "${secret:KEY_OF_THE_SERVER}" },
        secrets: { KEY_OF_THE_SERVER: "value" },
      };
      assert.equal(await ask("workers", { id: "weather-of-the-world", type: "mcp", mcp }), 201);
      await check(projectPage());
      await page.goto(projectPage());
      const path = await page.$eval("a[href^='/servers/']", (link) => link.href);
      await check(path);
      const user_id = "ada.lovelace@analytical-engines.example.com";
      const tool_name = "Weather.forecast_of_the_whole_week";
      for (
        const body of [{ tool_name }, { tool_name, run_at: "2999-01-01T00:00:00" }, {
          tool_name: "Weather.unknown",
        }]
      ) {
        await ask("tools/execute", { user_id, ...body });
      }
      await check(projectPage());
      await using tools = new FakeWorker(
        TOOLS,
        ({ tool }) => tool.name === "Fail" ? failed() : succeeded({ a: ["b"] }),
      );
      const http = { uri: tools.url, secret: "s", timeout: 30, retry: 0 };
      assert.equal(await ask("workers", { id: "all-kinds-of-tools", http }), 201);
      const demo = `${path.slice(0, path.lastIndexOf("/"))}/all-kinds-of-tools`;
      for (const tool of ["Every", "Needy", "Fail", "None"]) {
        await check(`${demo}?tool=Demo.${tool}`);
      }
      for (const [tool, shown] of [["Every", "[aria-invalid]"], ["Fail", "pre.failed"]]) {
        await page.goto(`${demo}?tool=Demo.${tool}`);
        await page.locator("button.go").click();
        await page.waitForSelector(shown ?? "");
        await checkShown(`${demo} with ${shown}`);
      }
      assert.equal(await ask("workers/all-kinds-of-tools"), 204);
      await check(`${url}/calls`);
      await page.goto(`${url}/calls`);
      const calls = await page.$$eval("a[href^='/calls/']", (all) => all.map((one) => one.href));
      assert.equal(calls.length, 3);
      for (const address of calls) await check(address);
    });

    await t.step("telemetry events, accepted and refused", async () => {
      const sent = (isAnonymous: boolean) => ({
        event: "CLI execution succeeded",
        distinct_id: "a9b5a35e-91ef-4a0e-8d2b-7d7c5b1f0a11",
        properties: { $process_person_profile: !isAnonymous, command_name: "secret.set" },
      });
      const answer = await fetch(`${url}/batch/`, {
        method: "POST",
        body: JSON.stringify({ api_key: "local", batch: [sent(true), sent(false)] }),
      });
      assert.equal(answer.status, 200, await answer.text());
      await check(`${url}/events`);
    });

    await t.step("gateways on the page of their project", async () => {
      const headers = { authorization: server.environment.ARCADE_API_KEY ?? "" };
      const send = async (path: string, body: unknown) => {
        const answer = await fetch(url + path, {
          method: "POST",
          headers,
          body: JSON.stringify(body),
        });
        return new Fields(await answer.json());
      };
      const path = projectPage();
      const description = "The tools for the weather of all places that have some";
      const names = ["Weather", "A rather long name of a gateway with many tools"];
      for (const name of names) await send("/v1/gateways", { name, description });
      await check(path);
      await page.goto(path);
      await Promise.all([
        page.waitForNavigation(),
        page.locator("button[aria-label='Close Weather']").click(),
      ]);
      await check(path);
    });

    await t.step("the page of an authorization, and what becomes of it", async () => {
      const ask = async (user_id: string) => {
        const answer = await fetch(`${url}/v1/auth/authorize`, {
          method: "POST",
          headers: { authorization: server.environment.ARCADE_API_KEY ?? "" },
          body: JSON.stringify({
            user_id,
            next_uri: "http://127.0.0.1:3000/a/rather/long/address/of/an/application",
            auth_requirement: {
              provider_id: "google",
              oauth2: { scopes: ["openid", "https://www.googleapis.com/auth/calendar.events"] },
            },
          }),
        });
        return new Fields(await answer.json()).requiredText("url");
      };
      const press = async (label: string) => {
        await Promise.all([
          page.waitForNavigation(),
          page.locator(`button ::-p-text(${label})`).click(),
        ]);
      };
      await check(`${url}/grants?flow_id=unknown`);
      const address = await ask("user-123");
      await check(address);
      await page.goto(address);
      await page.locator("::-p-text(Another user)").click();
      await page.locator("#email").fill("eve@example.com");
      assert.deepEqual(await violations(page), []);
      await press("Allow");
      assert.match(await page.title(), /another user/);
      assert.deepEqual(await violations(page), []);
      await page.goto(address);
      await press("Deny");
      assert.equal(page.url(), address);
      await check(address);
      const granted = await machine.run(["local", "grant", "ada@example.com", "google"]);
      assert.equal(granted.code, 0, granted.stderr);
      await check(projectPage());
    });

    await t.step("the dashboard and its confirmations", async () => {
      assert.equal(
        (await machine.run(["secret", "set", "KEY_OF_AN_EXTERNAL_SERVICE=value"])).code,
        0,
      );
      await check(`${url}/?filter=KEY_OF`);
      await page.goto(projectPage());
      await Promise.all([
        page.waitForNavigation(),
        page.locator("form[action='/dashboard/api_keys'] button").click(),
      ]);
      assert.deepEqual(await violations(page), []);
      await check(projectPage());
      await check(`${projectPage()}?filter=KEY_OF`);
      await page.goto(projectPage());
      const links = await page.$$eval("a.remove", (all) => all.map((one) => one.href));
      const removable = "A project, a secret, a server, two gateways, a grant and two keys";
      assert.equal(links.length, 8, removable);
      await check(links[0] ?? "");
      await check(`${url}/dashboard/remove`);
    });

    await t.step("names in other scripts, and long ones", async () => {
      await page.goto(url);
      await page.$$eval("details", (all) => all.forEach((one) => one.open = true));
      const name = `ארגון ${"x".repeat(80)} with words`;
      for (const place of ["organizations", "projects"]) {
        const form = `form[action='/dashboard/${place}']`;
        await page.locator(`${form} input[name=name]`).fill(name);
        await Promise.all([page.waitForNavigation(), page.locator(`${form} button`).click()]);
        await page.$$eval("details", (all) => all.forEach((one) => one.open = true));
      }
      assert.match(page.url(), /\/projects\//);
      await check(page.url());
      await check(url);
    });

    await t.step("the keyboard alone leads to a project and stores a secret in it", async () => {
      await page.goto(url);
      const press = async (isThere: string) => {
        for (let presses = 0; presses < 200; presses++) {
          await page.keyboard.press("Tab");
          if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(isThere)})`)) {
            const outline = await page.evaluate("getComputedStyle(document.activeElement).outline");
            assert.match(String(outline), /solid [1-9]/, `${isThere} shows that it has the focus`);
            return;
          }
        }
        throw new Error(`The keyboard does not reach ${isThere}`);
      };
      await press(`a[href^='/projects/${machine.stored("project_id")}']`);
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
      await press("#secrets summary");
      await page.keyboard.press("Enter");
      await press("#secret-key");
      await page.keyboard.type("KEY_OF_THE_KEYBOARD");
      await press("#secret-value");
      await page.keyboard.type("value");
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
      assert.match(page.url(), /#secrets$/);
      assert.match((await machine.run(["secret", "list"])).stdout, /KEY_OF_THE_KEYBOARD/);
    });
  },
);

Deno.test(
  { name: "axe finds no problems on the pages that ask for an account and a code", ignore },
  async () => {
    await using machine = new TestMachine();
    const server = await machine.serve({ autoApprove: false });
    await using browser = await startChromium(machine);
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(server.url);
    assert.deepEqual(await violations(page), []);
    await page.goto(server.dashboard);
    for (const email of ["ada@example.com", "grace@example.com"]) {
      const login = machine.start(["login", "--callback-port", "0", "--no-browser"]);
      await page.goto(await addressOf(login));
      assert.deepEqual(await violations(page), []);
      await page.locator("::-p-text(A new account)").click();
      await page.locator("#email").fill(email);
      assert.deepEqual(await violations(page), []);
      await Promise.all([
        page.waitForNavigation(),
        page.locator("button ::-p-text(Approve)").click(),
      ]);
      assert.deepEqual(await violations(page), []);
      assert.equal((await login.end()).code, 0);
      assert.equal((await machine.run(["logout"])).code, 0);
    }
  },
);

const TOOLS = [
  workerTool("Every", {
    input: {
      parameters: [
        parameter("text", "string", { required: true }),
        parameter("unit", "string", { enum: ["celsius", "kelvin"] }),
        parameter("days", "integer", { required: true }),
        parameter("is_long", "boolean"),
        parameter("parts", "array", { inner_val_type: "string", enum: ["wind", "rain"] }),
        parameter("options", "json"),
      ],
    },
  }),
  workerTool("Needy", {
    requirements: {
      secrets: [{ key: "KEY_OF_AN_EXTERNAL_SERVICE_THAT_IS_RATHER_LONG" }],
      authorization: { provider_id: "github", oauth2: { scopes: ["repo", "user:email"] } },
    },
  }),
  workerTool("Fail"),
];

function failed(): Response {
  const error = { message: "No", kind: "TOOL_RUNTIME_FATAL", can_retry: false, stacktrace: "At 1" };
  return json({ execution_id: "e", success: false, duration: 1, output: { error } });
}

/** The words in tables that are broken, and are short enough for a line. */
async function brokenWords(page: Page): Promise<unknown> {
  return await page.evaluate(
    `[...document.querySelectorAll("tbody :is(th, td), caption")].flatMap((cell) => {
    const broken = [];
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      for (const { 0: word, index } of node.textContent.matchAll(/[^\\s-]+/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (lines.size > 1 && word.length <= 30) broken.push(word);
      }
    }
    return broken;
  })`,
  );
}

/** What can be pressed and is less than 24 pixels high, other than links in a sentence (WCAG 2.2, 2.5.8). */
async function smallTargets(page: Page): Promise<unknown> {
  return await page.evaluate(
    `[...document.querySelectorAll("a, button, summary, select, textarea, input:not([type=hidden])")]
    .filter((one) => !one.closest("p, .quiet, tbody th") && !one.closest("label"))
    .filter((one) => one.getClientRects().length > 0 && one.getBoundingClientRect().height < 24)
    .map((one) => one.outerHTML)`,
  );
}

/** The problems that axe finds on a page. */
async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe.source);
  return await page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))",
  );
}
