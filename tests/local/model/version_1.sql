-- A database of version 1: one account with a secret and an API key, and one pending authorization and device. Created at
-- 2026-11-20T14:00:00Z.
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE COLLATE NOCASE,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  name TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations ON DELETE CASCADE,
  name TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE api_keys (
  hash TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE secrets (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  key TEXT NOT NULL,
  description TEXT,
  nonce BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (project_id, key)
) STRICT;
CREATE TABLE pending_authorizations (
  hash TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT NOT NULL,
  scope TEXT NOT NULL,
  state TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE grants (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL
) STRICT;
CREATE TABLE codes (
  hash TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT NOT NULL,
  scope TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  grant_id TEXT REFERENCES grants ON DELETE CASCADE
) STRICT;
CREATE INDEX codes_by_grant ON codes (grant_id);
CREATE TABLE access_tokens (
  hash TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES grants ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX access_tokens_by_grant ON access_tokens (grant_id);
CREATE TABLE refresh_tokens (
  hash TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES grants ON DELETE CASCADE,
  used INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX refresh_tokens_by_grant ON refresh_tokens (grant_id);
CREATE TABLE device_codes (
  hash TEXT PRIMARY KEY,
  user_code TEXT NOT NULL UNIQUE,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'denied')),
  account_id TEXT REFERENCES accounts ON DELETE CASCADE,
  poll_interval INTEGER NOT NULL,
  last_polled_at INTEGER,
  expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO accounts VALUES ('0a3e06b2-fe64-4e57-bf3a-a0c76679c631', 'ada@example.com', 1795183200000);
INSERT INTO organizations VALUES ('41ce2b4a-3709-408b-ab2b-198287681b77', '0a3e06b2-fe64-4e57-bf3a-a0c76679c631', 'Default organization', 1, 1795183200000);
INSERT INTO projects VALUES ('14dc4a86-40e3-443f-a76c-abbf32df9f36', '41ce2b4a-3709-408b-ab2b-198287681b77', 'Default project', 1, 1795183200000);
INSERT INTO api_keys VALUES ('1b0e7f196ca7a6f56856b17aadb9852c19cdce3b82fb8bed02a95395ccd14e9a', '0a3e06b2-fe64-4e57-bf3a-a0c76679c631', '14dc4a86-40e3-443f-a76c-abbf32df9f36', 1795183200000);
INSERT INTO secrets VALUES ('sec_6jFU4sQnM7KWpyNDFYjatttQdt_4m59H3ILg6v0JiTU', '14dc4a86-40e3-443f-a76c-abbf32df9f36', 'API_KEY', 'For tests', X'7C03BF9D92CF93008DDB03AB', X'612D15BF2572FC03871743042B3A2D422489ED7B802E289185435C3D4A4840A5554313F905DAFA6BDA', 1795183200000);
INSERT INTO pending_authorizations VALUES ('9e42ebb6ef1912ebb7138f23c2221b5d2e139c4c5934e4a3531a4b2c5c1b9dff', 'arcade-cli', 'http://127.0.0.1:9905/callback', 'iCfwzxHXiMcDHq3YTGg_zp-9q9hW85BxYh13b8fApZQ', 'openid offline_access', 'the-state', 1795183800000);
INSERT INTO grants VALUES ('fc187599-f14f-4392-8047-371b45226dca', '0a3e06b2-fe64-4e57-bf3a-a0c76679c631', 'arcade-cli', 'openid offline_access');
INSERT INTO codes VALUES ('5c50c952e5d01a5db4c80e04b8f71088e131a84a118311f1f47d63380bff0e1a', '0a3e06b2-fe64-4e57-bf3a-a0c76679c631', 'arcade-cli', 'http://127.0.0.1:9905/callback', 'iCfwzxHXiMcDHq3YTGg_zp-9q9hW85BxYh13b8fApZQ', 'openid offline_access', 1795183260000, 'fc187599-f14f-4392-8047-371b45226dca');
INSERT INTO access_tokens VALUES ('3e96ef212acf424fb621a650ce0ba823ddcb24bc9d235df7c1a5e0cec753aede', 'fc187599-f14f-4392-8047-371b45226dca', 1795186800000);
INSERT INTO refresh_tokens VALUES ('29b97e672c36da102629586b4ed589ae8e892341da42f0a1386dc33dc182c028', 'fc187599-f14f-4392-8047-371b45226dca', 0, 1802959200000);
INSERT INTO device_codes VALUES ('0b0ada9929409922563649c84937791a49dc07e3482b4869779446152c703686', 'SSPF-VKSF', 'arcade-cli', 'openid offline_access', 'pending', NULL, 5, NULL, 1795183800000);
PRAGMA user_version = 1;
