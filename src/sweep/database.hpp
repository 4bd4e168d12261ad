/// SQLite, as far as the store of a sweep needs it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace lair::sweep {

class Database;

/// A prepared statement. Parameters are bound in order; it may be used again and again.
class Statement {
public:
  Statement(Database&, std::string_view sql); ///< RunError if it is no single statement
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::string_view text);
  Statement& bind(std::int64_t integer);
  Statement& bind(double number); ///< NaN: NULL
  Statement& bind_null();
  bool step();  ///< true: there is a row to read. RunError if it fails (disk full, locked, damaged)
  void reset(); ///< for the next use
  void run() {  ///< for a statement without rows
    step();
    reset();
  }

  std::string text(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;
  bool is_null(int column) const;
  int columns() const;

private:
  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

class Database {
public:
  enum class Mode { create, read };
  /// Opens the file, ":memory:" for none. RunError if it cannot be opened or is no database.
  explicit Database(const std::string& path, Mode mode = Mode::create);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const std::string& sql); ///< any number of statements without rows

  /// The next statement may be one SELECT without others inside, and only with functions that give
  /// the same each time.
  void allow_only_expressions();

private:
  friend class Statement;
  int selects_ = 0;
  [[noreturn]] void fail(const std::string& doing) const;
  std::string path_;
  sqlite3* handle_ = nullptr;
};

std::string quoted_name(std::string_view); ///< "a ""name"""
std::string quoted_text(std::string_view); ///< 'a ''text'''

} // namespace lair::sweep
