package main

import "github.com/alecthomas/kong"

// Defaults of flags that several commands have.
const (
	defaultDatabase = "sqlite:readout.db"
	defaultListen   = "127.0.0.1:8080"
)

// helpTexts are the longer texts of the help. The tags of commands and flags refer to them as ${name}; kong refuses a
// name that is not in the map.
var helpTexts = kong.Vars{
	"default_database": defaultDatabase,
	"default_listen":   defaultListen,

	"migrate": "Bring the database's tables up to date and print their version. " +
		"Servers do so themselves when they start, unless told not to.",
	"backup": "Copy a SQLite database to a new file while servers go on. PostgreSQL has pg_dump.",
	"restore": "Replace a SQLite database with a copy of a backup, while no server uses it. " +
		"PostgreSQL has pg_restore.",
	"restored": "Have all readers reload their page, after a database was restored by copying its file or disk. " +
		"Readout notices other ways of restoring by itself.",

	"database": "Where the log is kept: sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE " +
		"(" + defaultDatabase + ").",
	"setup": "A file with the tracks, parties, speakers, meetings and sessions of the talks, " +
		"as JSON in the form of the API.",
	"password_stdin": "Read the password from the first line of standard input. " +
		"Otherwise a password is generated and printed as the last line; " +
		"it has to be changed at the first login and ends after 72 hours.",
	"serve_listen": "Address and port to listen on (" + defaultListen + ").",
	"demo_listen": "Address and port to listen on (" + defaultListen + "). " +
		"If the port is in use, the demo takes a free one.",
	"health_listen": "Address and port that the server listens on (" + defaultListen + ").",

	"redis": "Redis that connects several nodes on one database, for example redis://:password@host:6379. " +
		"Without it this node is the only one.",
	"migrate_at_start": "Bring the database's schema up to date at the start. With --no-migrate an old schema is " +
		"refused; run readout database migrate first.",
	"base_url": "Scheme and host that readers use, for example https://live.example. " +
		"By default the address listened on.",
	"embed_origins": "Partner sites that may embed, for example https://news.example. " +
		"Separate several with commas, or repeat the flag.",
	"trusted_proxies": "Addresses or ranges of proxies whose X-Forwarded-For is believed. " +
		"Separate several with commas, or repeat the flag.",
	"token_expires": "How long the token works, for example 720h. By default until it is revoked.",
	"smtp": "Server that mails invitations, for example smtps://USER:PASSWORD@HOST, or smtp://HOST with STARTTLS. " +
		"Without it, links are only shown.",
	"hsts": "With an https base URL, what browsers are told for a year to reach by HTTPS only: host, subdomains, " +
		"preload (subdomains, and a mark for the browsers' own list) or off",
	"max_readers": "Live connections at once. By default what the limit of open files allows.",
	"max_readers_per_address": "Live connections at once from one public address; an IPv6 /64 counts as one. " +
		"By default a tenth of all.",
	"audit_keep": "How long the record of who did what is kept, for example 8760h for a year; 30 days or more. " +
		"By default for ever.",
	"audit_what": "An action such as entry.edit, or the first part of several, such as entry or login.",
	"audit_who":  "A name, an e-mail address or an id, of who did it or whose account it concerns.",
	"audit_since": "Only lines since this time, for example 2025-10-30 or 2025-10-30T11:00:00+09:00, or 24h for " +
		"the last day.",
	"writes":          "Writes a minute that one token, or one person at the desk, may make at this node",
	"session_idle":    "How long a session at the desk lasts without a request",
	"session_longest": "How long a session at the desk lasts at most; then the person logs in again",
	"drain": "How long the server takes to close readers' connections when it stops, " +
		"so that they do not reconnect all at once",
}
