#include "sweep/database.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>

namespace lair::sweep {

Database::Database(const std::string& path, Mode mode) : path_(path) {
  const int flags =
      mode == Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr) != SQLITE_OK) {
    const std::string why = handle_ != nullptr ? sqlite3_errmsg(handle_) : "out of memory";
    sqlite3_close(handle_);
    throw RunError(fmt::format("cannot open the database '{}': {}", path, why));
  }
  // A misspelt column in double quotes is an error, not a text.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_busy_timeout(handle_, 600'000); // a reader may hold it: hours of runs wait for that
}

Database::~Database() { sqlite3_close(handle_); }

namespace {
/// SQLite asks it of everything that a statement does.
int only_an_expression(void* selects, int action, const char*, const char* name, const char*,
                       const char*) {
  if (action == SQLITE_SELECT) return ++*static_cast<int*>(selects) > 1 ? SQLITE_DENY : SQLITE_OK;
  if (action == SQLITE_READ) return SQLITE_OK;
  if (action != SQLITE_FUNCTION) return SQLITE_DENY;
  // What is not the same each time.
  for (const char* refused : {"random", "randomblob", "date", "time", "datetime", "julianday",
                              "unixepoch", "strftime", "current_date", "current_time",
                              "current_timestamp", "load_extension", "last_insert_rowid", "changes",
                              "total_changes"})
    if (sqlite3_stricmp(name, refused) == 0) return SQLITE_DENY;
  return SQLITE_OK;
}
} // namespace

void Database::allow_only_expressions() {
  selects_ = 0;
  sqlite3_set_authorizer(handle_, only_an_expression, &selects_);
}

void Database::fail(const std::string& doing) const {
  throw RunError(fmt::format("database '{}': {}: {}", path_, doing, sqlite3_errmsg(handle_)));
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail("cannot write");
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  const char* rest = nullptr;
  if (sqlite3_prepare_v2(database.handle_, sql.data(), static_cast<int>(sql.size()), &statement_,
                         &rest) != SQLITE_OK)
    throw RunError(sqlite3_errmsg(database.handle_));
  const std::string_view tail(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
  if (statement_ == nullptr || tail.find_first_not_of(" \n\t") != std::string_view::npos) {
    sqlite3_finalize(statement_);
    throw RunError("not a single expression");
  }
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(std::string_view text) {
  sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
  return *this;
}
Statement& Statement::bind(std::int64_t integer) {
  sqlite3_bind_int64(statement_, ++bound_, integer);
  return *this;
}
Statement& Statement::bind(double number) {
  if (std::isnan(number)) return bind_null();
  sqlite3_bind_double(statement_, ++bound_, number);
  return *this;
}
Statement& Statement::bind_null() {
  sqlite3_bind_null(statement_, ++bound_);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fail("cannot go on");
  return false;
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bound_ = 0;
}

std::string Statement::text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  return text == nullptr ? std::string()
                         : std::string(reinterpret_cast<const char*>(text),
                                       static_cast<std::size_t>(
                                           sqlite3_column_bytes(statement_, column)));
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::number(int column) const { return sqlite3_column_double(statement_, column); }
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
int Statement::columns() const { return sqlite3_column_count(statement_); }

namespace {
std::string quoted(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    if (c == mark) out += c;
    out += c;
  }
  return out + mark;
}
} // namespace

std::string quoted_name(std::string_view name) { return quoted(name, '"'); }
std::string quoted_text(std::string_view text) { return quoted(text, '\''); }

} // namespace lair::sweep
