/** Texts echoed by a server, and a search for them in messages. */

/** The forms in which a server echoes a text. */
export const ECHOES: Readonly<Record<string, (text: string) => string>> = {
  "unchanged": (text) => text,
  "in a URL": (text) => `https://example.com/errors?about=${encodeURIComponent(text)}`,
  "in a form": (text) => new URLSearchParams({ text }).toString(),
  "in JSON within JSON": (text) => JSON.stringify({ text: JSON.stringify(text) }),
  "in base64": (text) => base64(text),
  "in base64, in quotes": (text) => base64(`"${text}"`),
  "in base64 with other text": (text) => base64(`{"of":"${text}"}`),
  "in base64 for URLs": (text) => base64(text).replaceAll("+", "-").replaceAll("/", "_"),
  "in capital letters": (text) => text.toUpperCase(),
  "in quotes without spaces": (text) => `\`${text}\`(${text})<${text}>:${text};`,
  "in pieces": (text) => (text.match(/[^]{1,7}/gu) ?? []).join(" | "),
  "after a long text": (text) => `${"No. ".repeat(60)}${text}`,
};

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Letters and digits only, so that quotes, escapes and spaces hide nothing. */
function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** The readings of a text: unchanged, decoded from a URL, and decoded from base64 at every offset. */
function readings(text: string): string[] {
  const words = text.match(/[\w+/-]{8,}/g) ?? [];
  const starts = words.flatMap((word) => [0, 1, 2, 3].map((start) => word.slice(start)));
  const decoded = starts.map((start) => {
    const standard = start.replaceAll("-", "+").replaceAll("_", "/");
    return atob(standard.slice(0, standard.length - standard.length % 4));
  });
  return [text, text.replace(/(?:%[0-9a-f]{2})+/gi, unescaped), ...decoded].map(bare);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The length from which a piece of a private text counts as leaked. Shorter pieces occur in any text. */
const PIECE = 6;

/** The pieces of private texts in a message. */
export function leaksIn(message: string, texts: readonly string[]): string[] {
  const all = readings(message);
  return texts.map(bare).flatMap((text) =>
    Array.from({ length: Math.max(text.length - PIECE + 1, 1) }, (_, i) => text.slice(i, i + PIECE))
  ).filter((piece) => all.some((one) => one.includes(piece)));
}
