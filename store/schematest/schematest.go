// Package schematest takes databases back to older versions of the schema, for tests of what an upgrade does.
package schematest

import (
	"fmt"
	"slices"
)

// Undo returns the statements that take back all steps of the schema after a version, which is 2 or later.
func Undo(version int) (statements []string) {
	steps := undoSteps()
	for i := Latest(); i > version; i-- {
		statements = append(statements, steps[i]...)
	}
	return slices.Concat(statements, []string{fmt.Sprintf(`DELETE FROM schema_version WHERE version_id > %d`, version)})
}

// Latest returns the latest version that Undo knows.
func Latest() int { return len(undoSteps()) - 1 }

// undoSteps are the statements that take back each step of the schema, from step 3 on. Whoever adds a step adds its
// own.
func undoSteps() [][]string {
	return [][]string{
		3: {`DROP TABLE origin`},
		4: {`DROP INDEX entries_acts`, `DROP INDEX revisions_acts`, `DROP INDEX audit_revisions`,
			`ALTER TABLE blogs DROP COLUMN setup`, `ALTER TABLE blogs DROP COLUMN talks_seq`,
			`ALTER TABLE entries DROP COLUMN acts`, `ALTER TABLE revisions DROP COLUMN acts`},
		5: {`DROP INDEX entries_author`, `DROP INDEX entries_notes`},
		6: {`DROP TABLE activity`},
		7: {`DROP TABLE IF EXISTS search_words`, `DROP TABLE search_entries`}, // PostgreSQL has no search_words
		8: {`DROP INDEX revisions_amends`, `ALTER TABLE revisions DROP COLUMN amends`,
			`ALTER TABLE revisions DROP COLUMN correction`, `ALTER TABLE entries DROP COLUMN correction`},
		9:  {`ALTER TABLE blogs DROP COLUMN started_at`, `ALTER TABLE blogs DROP COLUMN ended_at`},
		10: {`ALTER TABLE blogs DROP COLUMN changed_at`},
		11: {}, // fills the search index anew
		12: {`ALTER TABLE blogs DROP COLUMN venue`, `ALTER TABLE blogs DROP COLUMN address`},
		13: {`ALTER TABLE blogs DROP COLUMN changed_before`},
		14: {`DROP TABLE roles`},
		15: {`DROP TABLE first_runs`, `DROP TABLE login_tries`, `DROP TABLE browsers`, `DROP INDEX sessions_user`,
			`ALTER TABLE sessions DROP COLUMN used_at`, `ALTER TABLE sessions DROP COLUMN browser`,
			`ALTER TABLE sessions DROP COLUMN place`, `ALTER TABLE users DROP COLUMN password_ends`},
		16: {`DROP INDEX audit_blog`, `DROP INDEX audit_actor`, `DROP INDEX audit_account`, `DROP TABLE refused_logins`,
			`ALTER TABLE audit DROP COLUMN detail`, `ALTER TABLE blogs DROP COLUMN archived_at`,
			`DROP INDEX revisions_purged`, `ALTER TABLE entries DROP COLUMN purged_at`,
			`ALTER TABLE revisions DROP COLUMN purged_at`},
		17: {`DROP TABLE published_alone`, `ALTER TABLE entries DROP COLUMN held`, `DROP TABLE invitations`,
			`DROP TABLE members_lock`, `ALTER TABLE tokens DROP COLUMN owner`,
			`ALTER TABLE tokens DROP COLUMN expires_at`, `ALTER TABLE tokens DROP COLUMN used_at`,
			`ALTER TABLE tokens DROP COLUMN revoked_at`},
		18: {`DROP TABLE set_aside`},
		19: {`DROP TABLE working_copies`},
		20: {
			`ALTER TABLE entries DROP COLUMN happened_at`, `ALTER TABLE entries DROP COLUMN written_by`,
			`ALTER TABLE revisions DROP COLUMN happened_at`, `ALTER TABLE revisions DROP COLUMN written_by`,
		},
	}
}
