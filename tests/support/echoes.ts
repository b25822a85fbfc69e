/** What a server says back of what it was sent, and a search for it in what is told of that. */

/** The ways in which a server says back what it was sent. */
export const ECHOES: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "in a URL": (text) => `https://example.com/errors?about=${encodeURIComponent(text)}`,
  "in a form": (text) => new URLSearchParams({ text }).toString(),
  "in JSON within JSON": (text) => JSON.stringify({ text: JSON.stringify(text) }),
  "in base64": (text) => base64(text),
  "in base64, in quotes": (text) => base64(`"${text}"`),
  "in base64 of more than that": (text) => base64(`{"of":"${text}"}`),
  "in base64 for URLs": (text) => base64(text).replaceAll("+", "-").replaceAll("/", "_"),
  "in capital letters": (text) => text.toUpperCase(),
  "in quotes, without a gap": (text) => `\`${text}\`(${text})<${text}>:${text};`,
  "in pieces": (text) => (text.match(/[^]{1,7}/gu) ?? []).join(" | "),
  "behind much else": (text) => `${"No. ".repeat(60)}${text}`,
};

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Letters and digits only, so that nothing hides between quotes, escapes and gaps. */
function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** Everything that a text may say: as it is, decoded from a URL, and decoded from base64 wherever that may begin. */
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

/** So much of what is private may be told at most; shorter pieces are in any text. */
const PIECE = 6;

/** The pieces of private texts that stand in a message. */
export function leaksIn(message: string, texts: readonly string[]): string[] {
  const all = readings(message);
  return texts.map(bare).flatMap((text) =>
    Array.from({ length: Math.max(text.length - PIECE + 1, 1) }, (_, i) => text.slice(i, i + PIECE))
  ).filter((piece) => all.some((one) => one.includes(piece)));
}
