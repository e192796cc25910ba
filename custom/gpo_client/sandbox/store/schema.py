"""The tables. Times are seconds since 1970; ids are opaque text; lists and objects are JSON text."""

VERSION = 1

TABLES = """
CREATE TABLE IF NOT EXISTS sessions (
    session_id TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    instance_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    project_id TEXT,
    environment TEXT,
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    revoked_at REAL
);
CREATE TABLE IF NOT EXISTS conversations (
    position INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    title TEXT NOT NULL,
    assistant_tag TEXT,
    welcome_message TEXT,
    metadata TEXT,
    created_at REAL NOT NULL,
    closed_at REAL
);
CREATE INDEX IF NOT EXISTS conversations_by_user ON conversations (user_id);
CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    sources TEXT,
    client_metadata TEXT,
    created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_conversation ON messages (conversation_id, position);
CREATE TABLE IF NOT EXISTS feedback (
    message_id TEXT PRIMARY KEY REFERENCES messages (message_id) ON DELETE CASCADE,
    liked INTEGER,
    feedback TEXT,
    hand_off INTEGER,
    suggest_next_response INTEGER,
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS handoffs (
    position INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id) ON DELETE CASCADE,
    is_clarified INTEGER NOT NULL,
    created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS handoffs_by_conversation ON handoffs (conversation_id);
CREATE TABLE IF NOT EXISTS ratings (
    conversation_id TEXT PRIMARY KEY REFERENCES conversations (conversation_id) ON DELETE CASCADE,
    rating INTEGER NOT NULL,
    comment TEXT,
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS answers (
    message_id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id) ON DELETE CASCADE,
    plan TEXT NOT NULL,
    response_time_ms INTEGER,
    logged INTEGER NOT NULL DEFAULT 1,
    touched_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS answers_by_conversation ON answers (conversation_id);
CREATE INDEX IF NOT EXISTS answers_with_log ON answers (touched_at) WHERE logged;
CREATE TABLE IF NOT EXISTS answer_events (
    message_id TEXT NOT NULL REFERENCES answers (message_id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (message_id, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcomes (
    key_hash BLOB PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    sealed BLOB NOT NULL,
    created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS outcomes_by_age ON outcomes (created_at);
"""
