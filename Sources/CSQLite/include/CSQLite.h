// Reads an SQLite database over libsqlite3, which is loaded when one is opened (docs/decisions/0007-libraries-when-needed.md): only hosts with
// RPM have one to read, and RPM brings the library. Its few functions are declared here, so that building the agent needs no more packages.
#ifndef QUARTERMASTER_CSQLITE_H
#define QUARTERMASTER_CSQLITE_H

#include <stdint.h>

struct quartermaster_database;

/// What `quartermaster_database_open` says where there is no libsqlite3; all other codes are SQLite's (https://sqlite.org/rescode.html).
enum { quartermaster_no_sqlite = -1 };

/// Opens a database for reading by its URI, for as long as nothing writes to it ("file:…?immutable=1"): no lock is taken, no file made.
/// Returns 0 and a database to close, or a code. The file may be a stranger's: statements that take more than some seconds in all end with
/// SQLITE_INTERRUPT.
int quartermaster_database_open(const char *uri, struct quartermaster_database **database);

/// Calls `row` with the first two columns of each row of a statement, an integer and bytes, until it returns 0. Returns 0, or a code: SQLITE_TOOBIG
/// for a value of more than `longest` bytes, which is not loaded, and where all statements together have brought more than 256 MiB.
int quartermaster_database_rows(struct quartermaster_database *database, const char *statement, int longest,
    int (*row)(void *context, int64_t number, const void *bytes, int count), void *context);

void quartermaster_database_close(struct quartermaster_database *database);

#endif
