import type { Shell } from "./shell.ts";
import { splitLine } from "../words.ts";

/** Passes the line up to the cursor in base64, because Windows PowerShell passes neither quotes nor empty words whole. */
const SCRIPT = `# Completion of arcade for PowerShell.
Register-ArgumentCompleter -Native -CommandName 'arcade', 'arcade.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $length = $cursorPosition - $commandAst.Extent.StartOffset
    $line = $commandAst.Extent.Text
    if ($length -lt $line.Length) { $line = $line.Substring(0, $length) } else { $line = $line.PadRight($length) }
    $passed = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($line))
    $arcade = Get-Command -Name arcade -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $arcade) { return }
    $exitCode = $global:LASTEXITCODE
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [Text.Encoding]::UTF8
        $lines = @(& $arcade.Source __complete powershell $passed 2>$null)
    } finally {
        [Console]::OutputEncoding = $encoding
        $global:LASTEXITCODE = $exitCode
    }
    # Without a result, PowerShell completes files.
    if ($lines.Count -gt 0 -and $lines[0] -eq 'files') { return }
    if ($lines.Count -lt 2) { return '' }
    foreach ($one in $lines[1..($lines.Count - 1)]) {
        $word, $shown, $brief = $one -split "\`t", 3
        [System.Management.Automation.CompletionResult]::new($word, $shown, 'ParameterValue', $brief)
    }
}
`;

/** about_Quoting_Rules. Typographic quotes are quotes, too. */
const QUOTING = { escape: "`", isDoubled: true } as const;

export const powershell: Shell = {
  script: SCRIPT,
  file: "arcade.ps1",
  hasBriefs: true,
  read([line = ""]) {
    const bytes = Uint8Array.from(atob(line), (character) => character.charCodeAt(0));
    const { words, quote } = splitLine(new TextDecoder().decode(bytes), QUOTING);
    return { words: words.slice(1, -1), current: words.at(-1) ?? "", quote, kept: "" };
  },
  // An empty tooltip is an error.
  write: ({ word, brief }) => [quoted(word), word, brief || word].join("\t"),
};

function quoted(word: string): string {
  if (/^[A-Za-z\d_.:=/+-]+$/.test(word)) return word;
  return `'${word.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}
