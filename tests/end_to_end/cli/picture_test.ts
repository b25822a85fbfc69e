import assert from "node:assert/strict";
import { startChromium, withoutChromium as ignore } from "../../support/browser.ts";
import { TestMachine } from "../../support/test_machine.ts";

const PICTURE = new URL("../../../docs/session.svg", import.meta.url);

/** A line of text as drawn by the browser. */
interface Drawn {
  readonly text: string;
  readonly width: number;
}

/** The lines in the file, without colors. */
function linesOf(svg: string): string[] {
  return [...svg.matchAll(/<text [^>]*>([^]*?)<\/text>/g)].map(([, line = ""]) =>
    line.replace(/<[^>]+>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll(
      "&amp;",
      "&",
    )
  );
}

Deno.test(
  { name: "a browser draws the picture in the README as the terminal did", ignore },
  async () => {
    await using machine = new TestMachine();
    const browser = await startChromium(machine);
    try {
      const page = await browser.newPage();
      await page.goto(PICTURE.href);
      const drawn: Drawn[] = JSON.parse(String(
        await page.evaluate(`JSON.stringify([...document.querySelectorAll("text")].map((line) => ({
        text: line.textContent,
        width: line.getComputedTextLength(),
      })))`),
      ));
      const written = linesOf(await Deno.readTextFile(PICTURE));
      assert(written.length > 20);
      assert.deepEqual(drawn.map(({ text }) => text), written);
      // All characters have the same width, including leading spaces.
      const widest = drawn.reduce((a, b) => a.width > b.width ? a : b);
      const character = widest.width / widest.text.length;
      for (const { text, width } of drawn) {
        assert(!text.includes("\n"), `A formatter has changed the file: ${text}`);
        assert(Math.abs(width - text.length * character) < 1, `${text} is ${width} wide`);
      }
      const picture = Number(await page.evaluate("document.documentElement.viewBox.baseVal.width"));
      assert(widest.width < picture);
    } finally {
      await browser.close();
    }
  },
);
