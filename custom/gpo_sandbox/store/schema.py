"""The tables. Times are seconds since 1970; ids are opaque text; lists and objects are JSON text."""

VERSION = 3

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
    instance_id TEXT NOT NULL,
    title TEXT NOT NULL,
    assistant_tag TEXT,
    welcome_message TEXT,
    metadata TEXT,
    created_at REAL NOT NULL,
    closed_at REAL
);
CREATE INDEX IF NOT EXISTS conversations_by_user ON conversations (instance_id, user_id);
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
    question_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id) ON DELETE CASCADE,
    plan TEXT NOT NULL,
    response_time_ms INTEGER,
    logged INTEGER NOT NULL DEFAULT 1,
    touched_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS answers_by_conversation ON answers (conversation_id);
CREATE INDEX IF NOT EXISTS answers_by_question ON answers (question_id);
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
CREATE TABLE IF NOT EXISTS users (
    instance_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    email TEXT,
    display_name TEXT,
    is_active INTEGER NOT NULL DEFAULT 1,
    role_codes TEXT NOT NULL DEFAULT '[]',
    country_id TEXT,
    user_type TEXT,
    created_at REAL NOT NULL,
    last_seen_at REAL,
    PRIMARY KEY (instance_id, user_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS users_by_email ON users (instance_id, email);
CREATE TABLE IF NOT EXISTS bookmarks (
    conversation_id TEXT PRIMARY KEY REFERENCES conversations (conversation_id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS filings (
    instance_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    category TEXT,
    sub_category TEXT,
    solution TEXT,
    is_shown INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (instance_id, file_name)
);
CREATE TABLE IF NOT EXISTS selected_columns (
    instance_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    columns TEXT NOT NULL,
    PRIMARY KEY (instance_id, user_id)
);
CREATE TABLE IF NOT EXISTS visitors (
    cookie_hash BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    seen_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS visitors_by_age ON visitors (seen_at);
"""

# What metrics count. Each view has the time at which a thing happened as `at`, and whose it is.
VIEWS = """
CREATE VIEW IF NOT EXISTS begun AS
SELECT c.position, c.conversation_id, c.title, c.user_id, c.instance_id, c.created_at AS at, u.country_id, u.user_type
FROM conversations AS c LEFT JOIN users AS u USING (instance_id, user_id);

CREATE VIEW IF NOT EXISTS asked AS
SELECT q.position, q.message_id AS question_id, q.content AS question, q.created_at AS at,
    b.conversation_id, b.user_id, b.instance_id, b.country_id, b.user_type,
    m.message_id, m.content AS answer, m.created_at AS answered_at, m.sources, a.response_time_ms,
    (SELECT max(json_extract(s.value, '$.relevance_score')) FROM json_each(m.sources) AS s) AS relevance_score,
    f.liked, f.feedback
FROM messages AS q
JOIN begun AS b ON b.conversation_id = q.conversation_id
LEFT JOIN answers AS a ON a.question_id = q.message_id AND a.response_time_ms IS NOT NULL
LEFT JOIN messages AS m ON m.message_id = a.message_id
LEFT JOIN feedback AS f ON f.message_id = a.message_id
WHERE q.role = 'user';

CREATE VIEW IF NOT EXISTS opined AS
SELECT m.position, m.message_id, m.content AS answer, b.conversation_id, b.user_id, b.instance_id, b.country_id,
    b.user_type, a.response_time_ms, f.liked, f.feedback, f.hand_off, f.created_at AS at
FROM feedback AS f
JOIN messages AS m ON m.message_id = f.message_id
JOIN begun AS b ON b.conversation_id = m.conversation_id
LEFT JOIN answers AS a ON a.message_id = f.message_id;

CREATE VIEW IF NOT EXISTS rated AS
SELECT b.position, b.conversation_id, b.title, b.user_id, b.instance_id, b.country_id, b.user_type,
    r.rating, r.comment, r.created_at AS at,
    (SELECT count(*) FROM messages AS m WHERE m.conversation_id = b.conversation_id) AS message_count
FROM ratings AS r JOIN begun AS b ON b.conversation_id = r.conversation_id;
"""
