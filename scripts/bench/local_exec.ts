/** Only the essential work of `arcade local exec`: it listens, and runs a command with its address. */

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  () => new Response(null, { status: 501 }),
);
const [program = "", ...args] = Deno.args.slice(Deno.args.indexOf("--") + 1);
const { code } = await new Deno.Command(program, {
  args,
  env: { ARCADE_BASE_URL: `http://127.0.0.1:${server.addr.port}` },
  stdin: "inherit",
  stdout: "inherit",
  stderr: "inherit",
}).spawn().status;
await server.shutdown();
Deno.exit(code);
