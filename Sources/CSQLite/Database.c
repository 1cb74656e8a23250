#include "CSQLite.h"

#include <dlfcn.h>
#include <stdlib.h>

enum { SQLITE_OK = 0, SQLITE_TOOBIG = 18, SQLITE_ROW = 100, SQLITE_DONE = 101, SQLITE_OPEN_READONLY = 0x1, SQLITE_OPEN_URI = 0x40, SQLITE_OPEN_NOMUTEX = 0x8000 };

struct quartermaster_database {
    void *library;
    void *connection;
    int (*open)(const char *name, void **connection, int flags, const char *vfs);
    int (*prepare)(void *connection, const char *text, int length, void **statement, const char **tail);
    int (*step)(void *statement);
    int64_t (*column_integer)(void *statement, int column);
    const void *(*column_bytes)(void *statement, int column);
    int (*column_count)(void *statement, int column);
    int (*finalize)(void *statement);
    int (*close)(void *connection);
    int (*limit)(void *connection, int category, int value);
    void (*progress)(void *connection, int every, int (*handler)(void *context), void *context);
    /// What remains of the steps that a stranger's file may cost.
    int64_t steps;
    /// What remains of the bytes that it may bring.
    int64_t bytes;
};

enum { SQLITE_LIMIT_LENGTH = 0 };
/// Until a statement allows more: texts of a schema, and what ANALYZE left, which SQLite reads by itself.
static const int maximum_schema_length = 16 << 10;
/// Of the virtual machine, all statements together: some seconds. A whole database of 3,000 packages takes 100,000.
static const int64_t maximum_steps = 10000000;
static const int steps_at_a_time = 1000;
static const int64_t maximum_bytes = 256 << 20;

static int spend(void *context) {
    struct quartermaster_database *database = context;
    database->steps -= steps_at_a_time;
    return database->steps < 0;
}

#define LOAD(field, name) \
    if ((*(void **)&database->field = dlsym(database->library, name)) == NULL) return 0

/// 0 where the library, or one of the functions, is not there.
static int load(struct quartermaster_database *database) {
    database->library = dlopen("libsqlite3.so.0", RTLD_LAZY | RTLD_LOCAL);
    if (database->library == NULL) return 0;
    LOAD(open, "sqlite3_open_v2");
    LOAD(prepare, "sqlite3_prepare_v2");
    LOAD(step, "sqlite3_step");
    LOAD(column_integer, "sqlite3_column_int64");
    LOAD(column_bytes, "sqlite3_column_blob");
    LOAD(column_count, "sqlite3_column_bytes");
    LOAD(finalize, "sqlite3_finalize");
    LOAD(close, "sqlite3_close_v2");
    LOAD(limit, "sqlite3_limit");
    LOAD(progress, "sqlite3_progress_handler");
    return 1;
}

int quartermaster_database_open(const char *uri, struct quartermaster_database **result) {
    *result = NULL;
    struct quartermaster_database *database = calloc(1, sizeof *database);
    if (database == NULL) return quartermaster_no_sqlite;
    int code = quartermaster_no_sqlite;
    if (load(database)) code = database->open(uri, &database->connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        database->limit(database->connection, SQLITE_LIMIT_LENGTH, maximum_schema_length);
        database->steps = maximum_steps;
        database->bytes = maximum_bytes;
        database->progress(database->connection, steps_at_a_time, spend, database);
        *result = database;
    } else {
        quartermaster_database_close(database);
    }
    return code;
}

int quartermaster_database_rows(struct quartermaster_database *database, const char *text, int longest,
    int (*row)(void *context, int64_t number, const void *bytes, int count), void *context) {
    void *statement = NULL;
    int code = database->prepare(database->connection, text, -1, &statement, NULL);
    if (code != SQLITE_OK) return code;
    // A value's length stands before it, and is looked at first.
    database->limit(database->connection, SQLITE_LIMIT_LENGTH, longest);
    while ((code = database->step(statement)) == SQLITE_ROW) {
        int64_t number = database->column_integer(statement, 0);
        const void *bytes = database->column_bytes(statement, 1);
        int count = database->column_count(statement, 1);
        if ((database->bytes -= count) < 0) {
            code = SQLITE_TOOBIG;
            break;
        }
        if (!row(context, number, bytes, count)) {
            code = SQLITE_DONE;
            break;
        }
    }
    database->finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

void quartermaster_database_close(struct quartermaster_database *database) {
    // A connection that could not be opened is closed all the same (sqlite3_open_v2).
    if (database->connection != NULL) database->close(database->connection);
    if (database->library != NULL) dlclose(database->library);
    free(database);
}
