/**
 * Tests that are skipped on Windows, because they need Unix: its signals, file modes, sockets, time zones, links, file names or
 * /bin/sh. They were found by running each file with the Deno of Windows under Wine.
 */
export const ONLY_UNIX = [
  "tests/end_to_end",
  "tests/api/local_peer_test.ts",
  "tests/auth/session_test.ts",
  "tests/commands/completion/names_test.ts",
  "tests/commands/shared/project/archive_test.ts",
  "tests/commands/deploy/deploy_test.ts",
  "tests/commands/local/serve_test.ts",
  "tests/target/project_test.ts",
  "tests/files/private_file_test.ts",
  "tests/local/model/data_folder_test.ts",
  "tests/local/servers/archive_test.ts",
  "tests/local/pages/server_test.ts",
  "tests/local/servers/servers_test.ts",
  "tests/store/expiry_test.ts",
  "tests/store/hub_identities_test.ts",
  "tests/store/identity_file_test.ts",
  "tests/system/listen_test.ts",
  "tests/telemetry/identity_test.ts",
];
