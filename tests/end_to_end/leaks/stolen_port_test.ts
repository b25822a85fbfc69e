import assert from "node:assert/strict";
import { isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";
import { as, withoutOrdinaryUser } from "../../support/users.ts";

const ATTACKER = 20_013;
const withoutPerl = !isAvailable("perl", () => succeeds("perl", "-MIO::Socket::INET", "-e", "1"));

/** Listens on a port, and prints its requests. Answers every request with an empty list. */
const THIEF = `
use IO::Socket::INET; $| = 1; $SIG{PIPE} = 'IGNORE';
my $server = IO::Socket::INET->new(
  LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die "no port";
print "listening as $>\\n";
my $body = '{"items": [], "data": {"items": []}}';
while (my $client = $server->accept) {
  sysread($client, my $request, 65536);
  print "got: $request\\n";
  print $client "HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: ",
    length $body, "\\r\\nconnection: close\\r\\n\\r\\n$body";
  close $client;
}
`;

const COMMANDS = [
  ["secret", "list"],
  ["secret", "set", "KEY=CANARY-value"],
  ["org", "list"],
  ["api", "GET", "/v1/health"],
  ["server", "logs", "x"],
  ["logout"],
];

for (const isKilled of [true, false]) {
  const how = isKilled ? "was killed" : "was stopped";
  Deno.test({
    name: `another user who listens at the port of a local Arcade that ${how} gets no token`,
    ignore: withoutOrdinaryUser || withoutPerl,
  }, async () => {
    await using machine = new TestMachine();
    const server = await machine.serve({ autoApprove: true });
    await machine.logIn();
    assert.equal((await machine.run(["secret", "set", "A=b"])).code, 0);
    const key = await machine.post(
      `/api/v1/orgs/${machine.stored("org_id")}/projects/${machine.stored("project_id")}/api_keys`,
      {},
    );
    if (isKilled) {
      server.process.kill("SIGKILL");
      await server.process.end();
    } else await server.stop();
    const thief = machine.startProgram(["perl", "-e", THIEF, new URL(server.url).port], {
      through: as(ATTACKER),
    });
    await thief.printed(new RegExp(`^listening as ${ATTACKER}$`, "m"));
    for (const env of [{ ARCADE_API_KEY: key.api_key ?? "" }, {}]) {
      for (const args of COMMANDS) await machine.run(args, { env });
    }
    thief.kill("SIGTERM");
    const { stdout } = await thief.end();
    assert.doesNotMatch(stdout, /arcl_|arc_local_|CANARY/);
  });
}
