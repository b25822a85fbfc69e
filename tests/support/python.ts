/** The path of a Python that has these modules, or undefined. Used for independent clients and servers. */
export function pythonWith(modules: string): string | undefined {
  try {
    const { success, stdout } = new Deno.Command("python3", {
      args: ["-c", `import ${modules}, sys; print(sys.executable)`],
      stdin: "null",
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined; // not installed
  }
}
